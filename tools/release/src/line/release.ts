import { join, resolve } from 'node:path'
import {
  createContext,
  type Context,
  type ContextOptions,
  type Decision,
  type DueDecision,
  type PublishPlan,
} from '@waybill/core'
import type { RepositoryOptions } from '@waybill/registry'
import { readDefinition } from '../definition/read.ts'
import type { Definition } from '../definition/types.ts'
import { readLock } from '../lock/lock.ts'
import { assertClean } from './assert-clean.ts'
import { assertUntracked } from './assert-untracked.ts'
import { pinnedBase } from '../lock/base.ts'
import { joinPlan } from './build-plan.ts'
import { assertBinaryVersions, assertVersions } from './check-releases.ts'
import { decideReleases } from './decide-releases.ts'
import { definedDestinations } from './destinations.ts'
import { definedHooks } from './hooks.ts'
import { definedPage } from './page.ts'
import { assertOwnFolders } from './own-folders.ts'
import { planRelease } from './plan.ts'
import type { VersionValues } from './version-options.ts'
import { createStages, type StageRecord, type Stages } from './stages.ts'
import { type LinePorts, type ReleasedComponent } from './line-types.ts'
import { releaseComponent } from './line.ts'

export interface ReleaseAllOptions
  extends ContextOptions, VersionValues, Pick<RepositoryOptions, 'plainHttp' | 'caFile'> {
  readonly config?: string | undefined
  readonly component?: string | undefined
  /** A folder with what the cells of the matrix built, a folder each; nothing is compiled here then. */
  readonly parts?: string | undefined
  /** Takes nothing that was made before, of the compilers' own caches neither. @default false */
  readonly fresh?: boolean | undefined
  /** @default '.waybill/journal' in `cwd` */
  readonly journal?: string | undefined
  /** Builds, proves and plans, and writes nothing outside. @default false */
  readonly dryRun?: boolean | undefined
  /** Makes an error of whatever an image may run beside its binary. @default false */
  readonly strict?: boolean | undefined
  /** Asked with the plan before anything is written outside; throws to stop. */
  readonly confirm?: ((plan: PublishPlan) => Promise<void>) | undefined
}

/** What a release did: every decision, and for each due component what was built and published. */
export interface ReleaseAllResult {
  readonly decisions: readonly Decision[]
  readonly components: readonly ReleasedComponent[]
  readonly stages: readonly StageRecord[]
}

/**
 * Decides, builds, proves and publishes every due component of the repository's definition.
 * @throws {ERR_NOT_CLEAN} where tracked files differ from the released commit, {ERR_VERSION_MISMATCH}, {ERR_BASE_NOT_PINNED}, {ERR_CELL_MISSING} where
 * `parts` lacks one, and what each step throws.
 */
export async function releaseAll(options: ReleaseAllOptions = {}): Promise<ReleaseAllResult> {
  const context = createContext(options)
  const stages = createStages()
  const { definition } = await readDefinition({
    ...context,
    config: options.config,
    allowCode: true,
  })
  const { component, prerelease, promote, metadata } = options
  const { decisions } = await stages.measure('decide', () =>
    decideReleases(definition, { ...context, component, prerelease, promote, metadata }),
  )
  const due = decisions.filter((decision): decision is DueDecision => decision.status === 'due')
  if (due.length === 0 || decisions.some(({ status }) => status === 'blocked'))
    return { decisions, components: [], stages: stages.records }
  const journal = resolve(context.cwd, options.journal ?? '.waybill/journal')
  await assertOwnFolders(context, [journal])
  await assertClean(context)
  await assertUntracked({ ...context, definition })
  await assertVersions(
    definition,
    due.map(({ release }) => release),
    context,
  )
  const lock = await readLock(join(context.cwd, 'waybill.lock'))
  const joined = await joinParts(options.parts, { decisions, definition, context, stages })
  const access = { ...context, plainHttp: options.plainHttp, caFile: options.caFile }
  const ports: LinePorts = {
    base: (reference) => pinnedBase(reference, lock, access),
    destinations: (image) => definedDestinations(definition, image, access),
    hooks: definedHooks,
    check: (release, artifacts) =>
      assertBinaryVersions(definition, release, { ...context, artifacts }),
    ...joined,
    page: (page, content) => definedPage(page, content, access),
    journal,
    confirm: async (plan) => options.confirm?.(plan),
  }
  const components: ReleasedComponent[] = []
  for (const decision of due)
    components.push(
      await releaseComponent(definition, decision, ports, {
        ...context,
        dryRun: options.dryRun,
        strict: options.strict,
        fresh: options.fresh,
        stages,
      }),
    )
  return { decisions, components, stages: stages.records }
}

interface JoinWork {
  readonly decisions: readonly Decision[]
  readonly definition: Definition
  readonly context: Context
  readonly stages: Stages
}

async function joinParts(
  parts: string | undefined,
  { decisions, definition, context, stages }: JoinWork,
): Promise<Pick<LinePorts, 'binaries'>> {
  if (parts === undefined) return {}
  const plan = planRelease(decisions, definition)
  const artifacts = await stages.measure('join', () =>
    joinPlan(parts, plan, { ...context, definition }),
  )
  return {
    binaries: (release) => artifacts.filter(({ component }) => component === release.component),
  }
}
