import {
  createContext,
  inStep,
  WaybillError,
  type Component,
  type ContextOptions,
} from '@waybill/core'
import { assembleRanges, type SeenCommit } from './assemble-ranges.ts'
import type { CommitRange } from './commit-range.ts'
import { isChangesetPath } from './changesets/read-changeset.ts'
import { readChangesets } from './changesets/read-changesets.ts'
import { historyGit, type HistoryGit } from './git.ts'
import { createHistory, type History } from './history.ts'
import type { LoggedCommit } from './log-stream.ts'
import { createTouches } from './owners.ts'
import { parseCommit } from './parse-commit.ts'
import { readLog } from './read-log.ts'
import { readTags, tagsOf } from './read-tags.ts'
import { refuseShallow, resolveCommit, unexpectedOutput } from './revisions.ts'

export interface ReadCommitsOptions extends ContextOptions {
  /** Read from here instead of from the last release. */
  readonly since?: string | undefined
  /** The commit that would be released. Where it is given, releases made after it are left out of sight. @default 'HEAD' */
  readonly until?: string | undefined
  /** Fetch the missing history of a shallow clone instead of refusing it. @default false */
  readonly deepen?: boolean | undefined
}

export interface ReadOneOptions extends ReadCommitsOptions {
  /** All components of the repository; without them the component counts as the only one. */
  readonly components?: readonly Component[] | undefined
}

/** Reads the commits of one component since its last release; see `readAllCommits`. */
export async function readCommits(
  component: Component,
  options: ReadOneOptions = {},
): Promise<CommitRange> {
  const others = (options.components ?? []).filter(({ name }) => name !== component.name)
  const [range] = await readAllCommits([component, ...others], options)
  return range!
}

/**
 * Reads, for each component, the commits since its highest release that is reachable from the head, in one pass of `git log`.
 * @throws {ERR_NOT_A_REPOSITORY} {ERR_NO_COMMITS} {ERR_UNKNOWN_REVISION} {ERR_SHALLOW_CLONE}
 */
export async function readAllCommits(
  components: readonly Component[],
  options: ReadCommitsOptions = {},
): Promise<CommitRange[]> {
  const ctx = createContext(options)
  assertComponents(components)
  return inStep(ctx.progress, 'read commits', async () => {
    const git = historyGit(ctx)
    await refuseShallow(git, options.deepen ?? false)
    const head = await resolveCommit(git, options.until ?? 'HEAD')
    const tags = await readTags(git, head.commit, { replay: options.until !== undefined })
    const since = options.since === undefined ? undefined : await resolveCommit(git, options.since)
    const own = components.map((component) => tagsOf(component, tags, head.commit))
    const bounds = own.map(({ last }) => since?.commit ?? last?.commit ?? null)
    const revisions = [head.commit, ...(await exclusions(git, bounds))]
    const history = await readHistory(git, revisions, components)
    const changesets = await readChangesets(git, history.commits)
    return assembleRanges({ components, tags: own, bounds, head, history, changesets })
  })
}

// No commit at all is only believed when git counts none.
async function assertNothingNew(git: HistoryGit, revisions: readonly string[]): Promise<void> {
  const args = ['rev-list', '--count', '--end-of-options', ...revisions, '--']
  const count = (await git.text(args)).trim()
  if (count !== '0') throw unexpectedOutput(args, count)
}

async function readHistory(
  git: HistoryGit,
  revisions: readonly string[],
  components: readonly Component[],
): Promise<History<SeenCommit>> {
  const touchesOf = createTouches(components)
  const keep = ({ commit, parents, created, message, paths }: LoggedCommit): SeenCommit => {
    const parsed = parseCommit(message)
    const touches = touchesOf(paths)
    const seen = { commit, parents, created, message, parsed, touches, empty: paths.length === 0 }
    const changesets = paths.filter(isChangesetPath)
    return changesets.length === 0 ? seen : { ...seen, changesets }
  }
  const commits = await readLog(git, revisions, keep)
  // The head is among them, unless everything is released already: then it is left out by name.
  const [head = ''] = revisions
  if (commits.length === 0 && !revisions.includes(`^${head}`))
    await assertNothingNew(git, revisions)
  return createHistory(commits)
}

// What every component has released already need not be read.
async function exclusions(git: HistoryGit, bounds: readonly (string | null)[]): Promise<string[]> {
  const starts = [...new Set(bounds)]
  if (starts.length === 0 || starts.includes(null)) return []
  if (starts.length === 1) return [`^${starts[0]}`]
  const text = await git.text(['merge-base', '--octopus', ...(starts as string[])]).catch(() => '')
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => `^${line}`)
}

function assertComponents(components: readonly Component[]): void {
  const names = new Set(components.map(({ name }) => name))
  if (names.size === components.length) return
  throw new WaybillError('ERR_INVALID_COMPONENTS', 'Two components have the same name', {
    outcome: 'usage',
    hint: 'Give every component a name of its own; Release-As(name) must tell them apart.',
    details: { names: components.map(({ name }) => name) },
  })
}
