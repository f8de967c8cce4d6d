import { isChangesetPath, readChangeset } from '../changesets/read-changeset.ts'
import type { ChangesetFile } from '../commit-range.ts'
import type { PastCommit } from './past-history.ts'
import type { PastRelease } from './past-releases.ts'
import type { Past } from './setting.ts'

/** A changeset with the commit that used it up. */
export interface UsedChangeset extends ChangesetFile {
  readonly usedBy: string
}

/** Reads the changesets that each release used up: touched in its range, and gone at its end. */
export async function createPastChangesets(
  past: Past,
): Promise<(bounds: Pick<PastRelease, 'commit' | 'last'>) => UsedChangeset[]> {
  const touched = new Map<string, readonly string[]>()
  for (const { commit, paths } of past.history.commits) {
    const own = paths.filter(isChangesetPath)
    if (own.length > 0) touched.set(commit, own)
  }
  await loadChangesets(past, touched)
  const known = new Map<string, ReturnType<typeof readChangeset>>()
  const read = (commit: string, path: string): ReturnType<typeof readChangeset> | undefined => {
    const text = past.snapshots.text(commit, path)
    if (text === null) return undefined
    const bumps = known.get(text) ?? readChangeset(text, path)
    known.set(text, bumps)
    return bumps
  }
  const answers = new Map<string, UsedChangeset[]>()
  return ({ commit, last }) => {
    const key = `${last.commit} ${commit}`
    const answer = answers.get(key) ?? usedUp(past, touched, { commit, last }, read)
    answers.set(key, answer)
    return answer
  }
}

// At the commits that touch a file, and at their first parents, to know it from before it was taken away.
async function loadChangesets(
  { history, snapshots }: Past,
  touched: ReadonlyMap<string, readonly string[]>,
): Promise<void> {
  const names: string[] = []
  for (const [commit, paths] of touched) {
    const parent = history.commits[history.indexOf(commit)!]!.parents[0]
    for (const path of paths) {
      names.push(`${commit}:${path}`)
      if (parent !== undefined) names.push(`${parent}:${path}`)
    }
  }
  await snapshots.loadNames(names)
}

type Read = (commit: string, path: string) => ReturnType<typeof readChangeset> | undefined

function usedUp(
  past: Past,
  touched: ReadonlyMap<string, readonly string[]>,
  bounds: Pick<PastRelease, 'commit' | 'last'>,
  read: Read,
): UsedChangeset[] {
  const { history } = past
  const inside = history.reach(bounds.commit)!
  const before = history.reach(bounds.last.commit)!
  const files = new Map<string, UsedChangeset>()
  const settled = new Set<string>()
  // Newest first: the newest commit that touches a file used it up, unless the file is still there or no manifest changed with it.
  for (const [index, commit] of history.commits.entries()) {
    if (inside[index] !== 1 || before[index] === 1) continue
    for (const path of touched.get(commit.commit) ?? []) {
      const known = files.get(path)
      if (known !== undefined) files.set(path, { ...known, commit: commit.commit })
      if (known !== undefined || settled.has(path)) continue
      const bumps = read(parentOf(commit), path)
      if (read(commit.commit, path) !== undefined || bumps === undefined || !versions(commit))
        settled.add(path)
      else files.set(path, { path, commit: commit.commit, bumps, usedBy: commit.commit })
    }
  }
  return [...files.values()]
}

function versions({ paths }: PastCommit): boolean {
  return paths.some((path) => path === 'package.json' || path.endsWith('/package.json'))
}

function parentOf({ parents }: PastCommit): string {
  return parents[0] ?? ''
}
