import {
  createContext,
  tagNameProblem,
  type Context,
  type ContextOptions,
  type Decision,
  type Finding,
  findRoot,
} from '@waybill/core'
import semver from 'semver'
import { readThroughJournal } from '../apply/journal.ts'
import { changelogEdits, type ChangelogOptions } from '../changelog/changelog-edits.ts'
import { readChangesetConfig } from '../changesets/read-config.ts'
import { readChangesets } from '../changesets/read-changesets.ts'
import { NO_CHANGESETS, type ChangesetHistory } from '../changesets/types.ts'
import type { PlannedRelease, VersionFile, VersionPlan } from '../types.ts'
import { openFiles, unreadableFindings, type FileTree } from '../workspace/file-tree.ts'
import { workspaceOf } from '../workspace/read-workspace.ts'
import { demandsOf, type Demands } from './demands.ts'
import { describeReleases } from './describe.ts'
import { readGitFacts } from './git-facts.ts'
import { gitIn } from '../git.ts'
import { resolveGroups, type VersionGroups } from '../units/groups.ts'
import { byFile, consumedFiles, planFiles, releaseEdits } from './plan-files.ts'
import { planReleases, type PlannedReleases } from './plan-releases.ts'
import { assertHigher, nextPrerelease, taggedVersions, withBuild } from './prerelease.ts'
import { modulePaths } from './module-paths.ts'
import { promote } from './promote.ts'
import { createUnits, outsiders, type Unit } from '../units/units.ts'

export interface PlanVersionsOptions extends ContextOptions, ChangelogOptions {
  /**
   * The files that carry each component's version, by the component's name.
   * @default what its folder holds of package.json, Cargo.toml, pyproject.toml, Chart.yaml, `version` and `VERSION`
   */
  readonly versionFiles?: Readonly<Record<string, readonly VersionFile[] | undefined>> | undefined
  /** Components that move together. @default those of `.changeset/config.json` */
  readonly groups?: VersionGroups | undefined
  /** Whether changeset files count beside the commits. @default true */
  readonly changesets?: boolean | undefined
  /** When what a component needs is released, release it too: if the new version leaves its range, or always. @default 'out-of-range' */
  readonly updateInternalDependents?: 'out-of-range' | 'always' | undefined
  /** What a changeset's `major` means before 1.0.0: 1.0.0, as for changesets, or the next minor. @default 'major' */
  readonly zeroMajor?: 'major' | 'minor' | undefined
  /** Release prereleases of what is due, in this line: `rc` makes 1.3.0-rc.1, then 1.3.0-rc.2. */
  readonly prerelease?: string | undefined
  /** Release, of every component whose last release is a prerelease, exactly that version without its prerelease part. @default false */
  readonly promote?: boolean | undefined
  /** Build metadata to put behind every version: `1.3.0+BUILD`. */
  readonly build?: string | undefined
}

/**
 * Plans the next version of every component that is due, of what depends on it and what moves with it, and the edits their
 * files need. Reads the repository, writes nothing.
 * @throws {ERR_VERSION_NOT_FOUND} {ERR_VERSION_FILE_MISSING} {ERR_VERSION_LAGS} for a declared file that is not there, holds no
 * version or would not hold the new one; {ERR_VERSION_CONFLICT} where one place is to hold two versions; {ERR_INVALID_CHANGESET}
 */
export async function planVersions(
  decisions: readonly Decision[],
  options: PlanVersionsOptions = {},
): Promise<VersionPlan> {
  if (options.promote !== true) return planDecided(decisions, options)
  const promotion = promote(decisions)
  const plan = await planDecided(promotion.decisions, { ...options, changesets: false })
  return { ...plan, findings: [...promotion.findings, ...plan.findings] }
}

async function planDecided(
  decisions: readonly Decision[],
  options: PlanVersionsOptions,
): Promise<VersionPlan> {
  const context = createContext(options)
  const root = await findRoot(context.cwd)
  const files = openFiles(root, await readThroughJournal(root))
  const paths = decisions.map(({ component }) => component.path)
  const workspace = await workspaceOf(files, paths)
  const units = createUnits(decisions, workspace)
  const history = await historyOf(decisions, root, options, context)
  const demands = demandsOf(units, history, { zeroMajor: options.zeroMajor ?? 'major' })
  const { releases: bare, following } = await decidedReleases(units, demands, files, {
    ...options,
    context,
  })
  const facts = await readGitFacts(root, releasingCommits(decisions), context)
  const { changesets } = history
  const described = describeReleases(bare, {
    units,
    changesets,
    facts,
    notes: options.notes ?? {},
  })
  const { releases } = described
  const edits = await releaseEdits(
    { releases, following },
    workspace,
    files,
    options.versionFiles ?? {},
  )
  const logs = await changelogEdits(releases, files.read, {
    ...options,
    repository: options.repository ?? facts.repository,
  })
  const removed = consumedFiles(changesets, demands.counted, releases)
  return {
    schemaVersion: 1,
    releases,
    files: await planFiles([...edits.files, ...byFile(logs), ...removed], files),
    findings: [
      ...decisions.flatMap(blockers),
      ...demands.findings,
      ...outsiders(units, releases),
      ...modulePaths(units, releases),
      ...edits.findings,
      ...described.findings,
      ...unfitTags(releases),
      ...unreadableFindings(files),
    ],
  }
}

// A version that follows from another component, or that an option ends (1.0.0+build.lock), has not been looked at by the gate.
const unfitTags = (releases: readonly PlannedRelease[]): readonly Finding[] =>
  releases.flatMap(({ component, tag }) => {
    const problem = tagNameProblem(tag)
    const message = `${component}: git takes no such tag: ${problem}`
    return problem === undefined ? [] : [{ code: 'invalid-tag', level: 'error', message }]
  })

// What blocks one component blocks the plan: it may share a group or a file with the others.
const blockers = ({ status, findings }: Decision): readonly Finding[] =>
  status === 'blocked' ? findings.filter(({ level }) => level === 'error') : []

const releasingCommits = (decisions: readonly Decision[]): readonly string[] =>
  decisions.flatMap(({ commits }) =>
    commits.filter(({ verdict }) => verdict === 'release').map(({ commit }) => commit),
  )

async function historyOf(
  decisions: readonly Decision[],
  root: string,
  options: PlanVersionsOptions,
  context: Context,
): Promise<ChangesetHistory> {
  if (options.changesets === false) return NO_CHANGESETS
  return readChangesets(
    root,
    decisions.map(({ last }) => last?.commit ?? ''),
    context,
  )
}

async function decidedReleases(
  units: readonly Unit[],
  { demands, reasons }: Demands,
  files: FileTree,
  options: PlanVersionsOptions & { readonly context: Context },
): Promise<PlannedReleases> {
  const config = await readChangesetConfig(files, units)
  return planReleases({
    units,
    demands,
    reasons,
    groups: resolveGroups(options.groups ?? config.groups, units),
    always: (options.updateInternalDependents ?? config.updateInternalDependents) === 'always',
    finish: await finishing(files.root, options),
  })
}

async function finishing(
  root: string,
  { prerelease, build, context }: PlanVersionsOptions & { readonly context: Context },
): Promise<(to: string, members: readonly Decision[]) => string> {
  if (prerelease === undefined) return (to) => withBuild(to, build)
  const git = gitIn(root, context)
  const tags = (await git('for-each-ref', '--format=%(refname:lstrip=2)', 'refs/tags/')).split('\n')
  return (to, members) => {
    const versions = members.flatMap(({ component }) => taggedVersions(component, tags))
    if (semver.prerelease(to) !== null) return withBuild(to, build)
    const next = nextPrerelease(to, prerelease, versions)
    for (const { component, last } of members)
      if (last !== null) assertHigher(component, next, last)
    return withBuild(next, build)
  }
}
