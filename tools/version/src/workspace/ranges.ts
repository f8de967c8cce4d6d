import semver from 'semver'

/** Cargo's requirement as an npm range: a bare `1.2` is `^1.2`, a comma is a space. https://doc.rust-lang.org/cargo/reference/specifying-dependencies.html */
export function cargoToNpmRange(requirement: string): string {
  return requirement
    .split(',')
    .map((part) => part.trim())
    .map((part) =>
      /^\d/.test(part) && !part.includes('*') ? `^${part}` : part.replace(/^=\s*/, ''),
    )
    .join(' ')
}

/** Go's requirement as an npm range: the version named is the lowest that will do, up to the next major's own path. https://go.dev/ref/mod#minimal-version-selection */
export function goToNpmRange(version: string): string {
  const lowest = version.replace(/^v/, '').replace(/\+incompatible$/, '')
  const major = Number.parseInt(lowest, 10)
  return `>=${lowest} <${Math.max(major, 1) + 1}.0.0-0`
}

/** The bump a range is rewritten for; after changesets' apply-release-plan, against which it is tested. */
export interface RangeChange {
  readonly to: string
  readonly bump: 'major' | 'minor' | 'patch' | 'none'
}

/** The range that asks for `to` in the manner of an npm range; undefined for one that is not rewritten (`*`, a tag, a path, `workspace:^`). */
export function nextNpmRange(range: string, change: RangeChange): string | undefined {
  const prefix = /^workspace:/.exec(range)?.[0] ?? ''
  const own = range.slice(prefix.length)
  if (semver.validRange(own) === null || ['*', '^', '~'].includes(own)) return undefined
  const anything = new semver.Range(own).range === ''
  if (anything && semver.prerelease(change.to) === null) return undefined
  return prefix + moved(own, change)
}

function moved(range: string, { to, bump }: RangeChange): string {
  const sets = new semver.Range(range).set
  const [a, b, ...more] = sets.length === 1 ? sets[0]! : []
  if (b !== undefined && more.length === 0 && range.includes('>') && range.includes('<')) {
    const lower = [a!, b].find(({ operator }) => operator.startsWith('>'))
    const upper = [a!, b].find(({ operator }) => operator.startsWith('<'))
    if (lower !== undefined && upper !== undefined) {
      const limit = semver.satisfies(to, upper.value)
        ? upper.value
        : `<${semver.inc(to, bump as 'patch')}`
      return a === lower ? `>=${to} ${limit}` : `${limit} >=${to}`
    }
  }
  return (/^(?:\^|~|>=|<=|>)/.exec(range)?.[0] ?? '') + to
}

/** The Cargo requirement that asks for `to`: bare stays bare, an operator stays; undefined for `*` and for lists. */
export function nextCargoRequirement(requirement: string, to: string): string | undefined {
  const [, operator = '', rest = ''] = /^\s*(\^|~|=|>=)?\s*(.*?)\s*$/.exec(requirement) ?? []
  if (requirement.includes(',')) {
    const next = nextNpmRange(cargoToNpmRange(requirement), { to, bump: 'patch' })
    return next?.replace(' ', ', ')
  }
  return /^\d[\w.+-]*$/.test(rest) && !rest.includes('*') ? operator + to : undefined
}
