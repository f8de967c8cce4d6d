import type { LoggedCommit } from './log-stream.ts'

type Linked = Pick<LoggedCommit, 'commit' | 'parents'>

/** Commits by name, with their parents inside what was read. */
export interface History<Commit extends Linked> {
  /** Newest first: no commit before its descendants. */
  readonly commits: readonly Commit[]
  /** A commit's place among them; undefined for one that was not read. */
  readonly indexOf: (commit: string) => number | undefined
}

/** Makes a history of commits in any order: none comes before its descendants, and of several that could come next the order given decides. */
export function createHistory<Commit extends Linked>(logged: readonly Commit[]): History<Commit> {
  // A history without merges is in order, and mostly nobody asks for places in it.
  const isLine = logged.every(({ parents }) => parents.length < 2)
  const places = isLine ? undefined : indexed(logged)
  if (places !== undefined && !isOrdered(logged, places)) return createHistory(order(logged))
  let known = places
  return { commits: logged, indexOf: (commit) => (known ??= indexed(logged)).get(commit) }
}

function isOrdered(logged: readonly Linked[], places: ReadonlyMap<string, number>): boolean {
  return logged.every(({ parents }, at) => parents.every((name) => (places.get(name) ?? at) >= at))
}

function indexed(commits: readonly Linked[]): Map<string, number> {
  return new Map(commits.map(({ commit }, index) => [commit, index]))
}

// git writes by date; a clock that was wrong can put a parent first.
function order<Commit extends Linked>(logged: readonly Commit[]): Commit[] {
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

type Graph = History<Linked>

/** Marks every commit that can be reached from one of `starts`, themselves included. */
export function reachableFrom(history: Graph, starts: readonly string[]): Uint8Array {
  const { commits, indexOf } = history
  const marks = new Uint8Array(commits.length)
  for (const start of starts) {
    const index = indexOf(start)
    if (index !== undefined) marks[index] = 1
  }
  for (let index = 0; index < commits.length; index++) {
    if (marks[index] === 1) markParents(index)
  }
  return marks

  function markParents(index: number): void {
    for (const parent of commits[index]!.parents) {
      const at = indexOf(parent)
      if (at !== undefined) marks[at] = 1
    }
  }
}

/** For each commit that is not on the main line (first parents from the head): the index of the merge that brought it there; else -1. */
export function broughtBy(history: Graph, head: string): Int32Array {
  const { commits, indexOf } = history
  const brought = new Int32Array(commits.length).fill(-2)
  const mainLine: number[] = []
  for (let at = indexOf(head); at !== undefined; at = firstParent(at)) {
    brought[at] = -1
    mainLine.push(at)
  }
  for (const merge of mainLine.toReversed()) claim(merge)
  return brought

  function firstParent(at: number): number | undefined {
    const parent = commits[at]!.parents[0]
    return parent === undefined ? undefined : indexOf(parent)
  }

  function claim(merge: number): void {
    const open = commits[merge]!.parents.slice(1)
    while (open.length > 0) {
      const at = indexOf(open.pop()!)
      if (at === undefined || brought[at] !== -2) continue
      brought[at] = merge
      open.push(...commits[at]!.parents)
    }
  }
}
