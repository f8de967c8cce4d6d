import { WaybillError, inTime, type Bump } from '@waybill/core'
import picomatch from 'picomatch'
import { DEFAULT_RULES, type ReleaseRule, type SemanticReleasePolicy } from './policy.ts'
import type { SemanticCommit } from './read-message.ts'

const ORDER: readonly unknown[] = [
  'major',
  'premajor',
  'minor',
  'preminor',
  'patch',
  'prepatch',
  'prerelease',
]

export type RuleOf = (commit: SemanticCommit) => Bump

/** Prepares the rules: the configured ones first, the default ones where none of those matches. */
export function createRules(policy: SemanticReleasePolicy): RuleOf {
  const own = (policy.releaseRules ?? []).map(prepare)
  const standard = DEFAULT_RULES.map(prepare)
  return (commit) => toBump(strongest(own, commit) ?? strongest(standard, commit))
}

interface Prepared {
  readonly release: unknown
  matches(commit: SemanticCommit): boolean
}

function prepare({ breaking, revert, release, ...keys }: ReleaseRule): Prepared {
  const tests = Object.entries(keys).map(([key, wanted]) => {
    const matches = typeof wanted === 'string' ? matcher(wanted) : null
    return (commit: SemanticCommit): boolean => {
      const value = (commit as unknown as Record<string, unknown>)[key]
      return matches !== null && typeof value === 'string'
        ? value !== '' && matches(value)
        : value === wanted
    }
  })
  return {
    release,
    matches: (commit) =>
      (breaking !== true || commit.breaking) &&
      (revert !== true || commit.revert !== null) &&
      tests.every((test) => test(commit)),
  }
}

// A word costs nothing; a glob can be made to try every way there is. The same types and scopes come again and again.
function matcher(glob: string): (text: string) => boolean {
  const match = picomatch(glob)
  if (/^[\w-]*$/.test(glob)) return match
  const known = new Map<string, boolean>()
  return (text) => {
    const before = known.get(text)
    if (before !== undefined) return before
    const found = inTime(
      () => match(text),
      () => slowGlob(glob),
    )
    known.set(text, found)
    return found
  }
}

/** The error for a glob of an imitated tool's configuration that takes too long. */
export function slowGlob(glob: string): WaybillError {
  return new WaybillError('ERR_INVALID_PATTERN', `The glob ${glob} takes too long`, {
    hint: 'It tries too many ways: write it without a repetition within a repetition.',
    outcome: 'usage',
    details: { glob },
  })
}

// A rule that says `false` after another has matched wins over it, since it is in no place of the order.
function strongest(rules: readonly Prepared[], commit: SemanticCommit): unknown {
  let release: unknown
  for (const rule of rules) {
    if (!rule.matches(commit)) continue
    const current = ORDER.indexOf(release)
    if (current < 0 || ORDER.indexOf(rule.release) < current) release = rule.release
    if (release === ORDER[0]) break
  }
  return release
}

function toBump(release: unknown): Bump {
  const name = typeof release === 'string' ? release.replace(/^pre/, '') : ''
  return name === 'major' || name === 'minor' || name === 'patch'
    ? name
    : name === 'release'
      ? 'patch'
      : 'none'
}
