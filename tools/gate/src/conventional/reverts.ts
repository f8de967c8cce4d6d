import type { CommitVerdict } from '@waybill/core'
import type { JudgedCommit } from '../outcome.ts'

interface Entry {
  readonly judged: JudgedCommit
  /** Positions of what it reverts; undefined where it reverts something outside the range. */
  readonly targets: readonly (number | undefined)[]
  cancelledBy: number | undefined
}

/** Lets reverts inside the range cancel what they revert, and reverts of reverts cancel those. */
export function applyReverts(judged: readonly JudgedCommit[]): readonly JudgedCommit[] {
  if (!judged.some(({ source }) => source.parsed.reverts !== null)) return judged
  const find = createFinder(judged)
  const entries: Entry[] = judged.map((one, at) => ({
    judged: one,
    targets: find(one, at),
    cancelledBy: undefined,
  }))
  // Newest first: whether a revert still stands is known before what it reverts is looked at.
  for (const [at, { targets, cancelledBy }] of entries.entries()) {
    if (cancelledBy !== undefined) continue
    for (const target of targets) if (target !== undefined) takeBack(target, at, entries)
  }
  return entries.map((entry) => ({
    source: entry.judged.source,
    verdict: afterReverts(entry, entries),
  }))
}

// Whoever reverts a merge takes back all that it brought.
function takeBack(target: number, by: number, entries: readonly Entry[]): void {
  const { commit, parents } = entries[target]!.judged.source
  entries[target]!.cancelledBy ??= by
  if (parents.length < 2) return
  for (const entry of entries)
    if (entry.judged.source.broughtBy === commit) entry.cancelledBy ??= by
}

// Another header than a revert's says what else the commit does.
function isOnlyRevert({ source }: JudgedCommit): boolean {
  const { header } = source.parsed
  return header === null || header.type.toLowerCase() === 'revert'
}

function afterReverts(entry: Entry, entries: readonly Entry[]): CommitVerdict {
  const { verdict } = entry.judged
  if (entry.cancelledBy !== undefined) {
    const by = entries[entry.cancelledBy]!.judged.verdict.commit
    return {
      ...verdict,
      verdict: 'reverted',
      bump: 'none',
      reason: `taken back by ${by.slice(0, 12)}`,
    }
  }
  const { targets } = entry
  if (targets.length === 0 || targets.includes(undefined) || !isOnlyRevert(entry.judged))
    return verdict
  const names = targets.map((target) => entries[target!]!.judged.verdict.commit.slice(0, 12))
  const reason = `takes back ${names.join(', ')}, which this release does not hold either`
  return { ...verdict, verdict: 'reverted', bump: 'none', reason }
}

type Finder = (one: JudgedCommit, at: number) => readonly (number | undefined)[]

function createFinder(judged: readonly JudgedCommit[]): Finder {
  const index = <Key>(
    keyOf: (one: JudgedCommit) => Key | null,
  ): ((key: Key, after: number) => number | undefined) => {
    const places = new Map<Key, number[]>()
    for (const [at, one] of judged.entries()) {
      const key = keyOf(one)
      if (key === null) continue
      const before = places.get(key)
      if (before === undefined) places.set(key, [at])
      else before.push(at)
    }
    return (key, after) => places.get(key)?.find((at) => at > after)
  }
  const byPrefix = index(({ source }) => source.commit.slice(0, 7))
  const byPull = index(({ source }) => source.parsed.pull)
  const bySubject = index(({ source }) => withoutPull(source.parsed.subject))
  return ({ source }, at) => {
    const { reverts } = source.parsed
    if (reverts === null) return []
    const commits = reverts.commits.map((name) => {
      const found = byPrefix(name.slice(0, 7), at)
      return found !== undefined && judged[found]!.source.commit.startsWith(name)
        ? found
        : undefined
    })
    if (commits.length > 0) return commits
    const pulls = reverts.pulls.map((pull) => byPull(pull, at))
    if (pulls.length > 0) return pulls
    return reverts.subject === null ? [] : [bySubject(withoutPull(reverts.subject), at)]
  }
}

function withoutPull(subject: string): string {
  return subject.replace(/ \(#\d+\)\s*$/, '')
}
