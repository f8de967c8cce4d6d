import type { ChangesetFile, RangeCommit } from '../commit-range.ts'
import type { HistoryGit } from '../git.ts'
import { createSnapshots } from '../snapshots.ts'
import { readChangeset } from './read-changeset.ts'

/** Reads the changeset files that commits touch, newest commit first: each once, with its newest text, where it was added. */
export async function readChangesets(
  git: HistoryGit,
  commits: readonly Pick<RangeCommit, 'commit' | 'parents' | 'changesets'>[],
): Promise<ChangesetFile[]> {
  const touching = commits.filter(({ changesets = [] }) => changesets.length > 0)
  if (touching.length === 0) return []
  const snapshots = createSnapshots(git)
  const places = touching.flatMap(({ commit, parents, changesets = [] }) =>
    changesets.flatMap((path) => [commit, ...parents.slice(0, 1)].map((at) => `${at}:${path}`)),
  )
  await snapshots.loadNames(places)
  const files = new Map<string, ChangesetFile>()
  for (const { commit, parents, changesets = [] } of touching) {
    for (const path of changesets) {
      const known = files.get(path)
      const text = snapshots.text(commit, path) ?? snapshots.text(parents[0] ?? '', path)
      if (known !== undefined) files.set(path, { ...known, commit })
      else if (text !== null) files.set(path, { path, commit, bumps: readChangeset(text, path) })
    }
  }
  return [...files.values()]
}
