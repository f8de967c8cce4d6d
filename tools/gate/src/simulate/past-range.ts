import type { LastRelease } from '@waybill/core'
import type { CommitRange, RangeCommit } from '../commit-range.ts'
import { createTouches } from '../owners.ts'
import type { PastCommit, PastHistory } from './past-history.ts'
import type { Setting } from './setting.ts'

export interface RangeBounds {
  readonly commit: string
  readonly last: LastRelease | null
}

/** Makes the range that ended at a commit, as it would have been read then. */
export function createPastRange(
  history: PastHistory,
  setting: Setting,
  bounds: RangeBounds,
): CommitRange {
  const { component, components } = setting
  const head = history.commits[history.indexOf(bounds.commit)!]!
  return {
    component,
    components,
    last: bounds.last,
    standing: null,
    head: { commit: head.commit, created: head.created },
    commits: commitsBetween(history, bounds).flatMap((commit) => asSeen(commit, setting)),
    tagged: [],
    changesets: setting.changesets ?? [],
  }
}

function commitsBetween(
  { commits, reach }: PastHistory,
  { commit, last }: RangeBounds,
): PastCommit[] {
  const inside = reach(commit)!
  const before = last === null ? undefined : reach(last.commit)
  return commits.filter((_commit, index) => inside[index] === 1 && before?.[index] !== 1)
}

const known = new WeakMap<Setting['components'], ReturnType<typeof createTouches>>()

function asSeen(commit: PastCommit, { component, components }: Setting): RangeCommit[] {
  const touchesOf = known.get(components) ?? createTouches(components)
  known.set(components, touchesOf)
  const touches = touchesOf(commit.paths)
  // What lies in excluded places only is no commit of the root either.
  const excluded = component.path === '.' && (component.exclude?.length ?? 0) > 0
  if (excluded && !commit.empty && !touches.includes(component.name)) return []
  const { paths: _paths, ...rest } = commit
  return [{ ...rest, touches }]
}
