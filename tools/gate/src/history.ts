import type { LoggedCommit } from './log-stream.ts'

/** Commits by name, with their parents inside what was read. */
export interface History<Commit extends Pick<LoggedCommit, 'commit' | 'parents'>> {
  /** Newest first: no commit before its descendants. */
  readonly commits: readonly Commit[]
  readonly indexOf: ReadonlyMap<string, number>
}

/** Takes commits as git writes them and makes a history of them at the end. */
export interface HistoryBuilder<Commit extends Pick<LoggedCommit, 'commit' | 'parents'>> {
  add(commit: Commit): void
  /** Orders the commits so that none comes before its descendants; of several that could come next, git's order decides. */
  finish(): History<Commit>
}

/** Starts a history; places are looked up while git still writes. */
export function buildHistory<
  Commit extends Pick<LoggedCommit, 'commit' | 'parents'>,
>(): HistoryBuilder<Commit> {
  const commits: Commit[] = []
  const indexOf = new Map<string, number>()
  let ordered = true
  return {
    add(commit) {
      for (const parent of commit.parents) if (ordered && indexOf.has(parent)) ordered = false
      indexOf.set(commit.commit, commits.length)
      commits.push(commit)
    },
    finish() {
      if (ordered) return { commits, indexOf }
      const sorted = order(commits)
      return {
        commits: sorted,
        indexOf: new Map(sorted.map(({ commit }, index) => [commit, index])),
      }
    },
  }
}

// git writes by date; a clock that was wrong can put a parent first.
function order<Commit extends Pick<LoggedCommit, 'commit' | 'parents'>>(
  logged: readonly Commit[],
): Commit[] {
  const byName = new Map(logged.map((commit) => [commit.commit, commit]))
  const children = new Map<string, number>()
  for (const { parents } of logged) {
    for (const parent of parents) children.set(parent, (children.get(parent) ?? 0) + 1)
  }
  const ready = logged.filter(({ commit }) => !children.has(commit)).toReversed()
  const ordered: Commit[] = []
  while (ready.length > 0) {
    const commit = ready.pop()!
    ordered.push(commit)
    for (const name of commit.parents) {
      const left = children.get(name)! - 1
      children.set(name, left)
      const parent = byName.get(name)
      if (left === 0 && parent !== undefined) ready.push(parent)
    }
  }
  return ordered
}

type Graph = History<Pick<LoggedCommit, 'commit' | 'parents'>>

/** Marks every commit that can be reached from one of `starts`, themselves included. */
export function reachableFrom(history: Graph, starts: readonly string[]): Uint8Array {
  const { commits, indexOf } = history
  const marks = new Uint8Array(commits.length)
  for (const start of starts) {
    const index = indexOf.get(start)
    if (index !== undefined) marks[index] = 1
  }
  for (let index = 0; index < commits.length; index++) {
    if (marks[index] === 1) markParents(index)
  }
  return marks

  function markParents(index: number): void {
    for (const parent of commits[index]!.parents) {
      const at = indexOf.get(parent)
      if (at !== undefined) marks[at] = 1
    }
  }
}

/** For each commit that is not on the main line (first parents from the head): the index of the merge that brought it there; else -1. */
export function broughtBy(history: Graph, head: string): Int32Array {
  const { commits, indexOf } = history
  const brought = new Int32Array(commits.length).fill(-2)
  const mainLine: number[] = []
  for (let at = indexOf.get(head); at !== undefined; at = firstParent(at)) {
    brought[at] = -1
    mainLine.push(at)
  }
  for (const merge of mainLine.toReversed()) claim(merge)
  return brought

  function firstParent(at: number): number | undefined {
    const parent = commits[at]!.parents[0]
    return parent === undefined ? undefined : indexOf.get(parent)
  }

  function claim(merge: number): void {
    const open = commits[merge]!.parents.slice(1)
    while (open.length > 0) {
      const at = indexOf.get(open.pop()!)
      if (at === undefined || brought[at] !== -2) continue
      brought[at] = merge
      open.push(...commits[at]!.parents)
    }
  }
}
