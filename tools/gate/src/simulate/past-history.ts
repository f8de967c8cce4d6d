import type { RangeCommit } from '../commit-range.ts'
import type { HistoryGit } from '../git.ts'
import { broughtBy, createHistory, type History } from '../history.ts'
import type { LoggedCommit } from '../log-stream.ts'
import { parseCommit } from '../parse-commit.ts'
import { readLog } from '../read-log.ts'

/** A commit of the whole history; `touches` is filled in when it is looked at for components. */
export interface PastCommit extends Omit<RangeCommit, 'touches'> {
  readonly paths: readonly string[]
}

/** The whole history behind a commit, ready for ranges. */
export interface PastHistory {
  /** Newest first: no commit before its descendants. */
  readonly commits: readonly PastCommit[]
  readonly indexOf: History<PastCommit>['indexOf']
  /** What a commit reaches, itself included, as marks by index; undefined for a commit that was not read. */
  reach(commit: string): Uint8Array | undefined
}

/** How many answers of `reach` are kept; releases are looked at in order, so old ones are not asked for again. */
const KEPT = 64

/** Reads the whole history behind `head`. */
export async function readPastHistory(git: HistoryGit, head: string): Promise<PastHistory> {
  const commits = await readLog(git, [head], (logged) => logged)
  return createPastHistory(createHistory(commits), head)
}

function createPastHistory(history: History<LoggedCommit>, head: string): PastHistory {
  const merges = history.commits.some(({ parents }) => parents.length > 1)
  const brought = merges ? broughtBy(history, head) : null
  const commits = history.commits.map((commit, index): PastCommit => {
    const merge = brought?.[index] ?? -1
    const parsed = parseCommit(commit.message)
    const own = { ...commit, parsed, empty: commit.paths.length === 0 }
    return merge < 0 ? own : Object.assign(own, { broughtBy: history.commits[merge]!.commit })
  })
  const parents = commits.map((commit) =>
    commit.parents.flatMap((name) => history.indexOf(name) ?? []),
  )
  return { commits, indexOf: history.indexOf, reach: createReach(history.indexOf, parents) }
}

function createReach(
  indexOf: PastHistory['indexOf'],
  parents: readonly (readonly number[])[],
): PastHistory['reach'] {
  const kept = new Map<number, Uint8Array>()
  return (commit) => {
    const start = indexOf(commit)
    if (start === undefined) return undefined
    const before = kept.get(start)
    if (before !== undefined) return before
    const marks = markFrom(start, parents)
    if (kept.size >= KEPT) kept.delete(kept.keys().next().value!)
    kept.set(start, marks)
    return marks
  }
}

// Parents come after their children in the list, so that one sweep is enough.
function markFrom(start: number, parents: readonly (readonly number[])[]): Uint8Array {
  const marks = new Uint8Array(parents.length)
  marks[start] = 1
  for (let index = start; index < marks.length; index++) {
    if (marks[index] === 1) for (const parent of parents[index]!) marks[parent] = 1
  }
  return marks
}
