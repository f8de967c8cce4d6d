import { join, resolve } from 'node:path'
import { createContext, type ContextOptions, type Decision, type DueDecision } from '@waybill/core'
import type { RepositoryOptions } from '@waybill/registry'
import { readDefinition } from '../definition/read.ts'
import { readLock } from '../lock/lock.ts'
import { planText } from '../present/plan-summary.ts'
import { assertClean } from './assert-clean.ts'
import { pinnedBase } from './base.ts'
import { decideAll } from './decide.ts'
import { definedDestinations } from './destinations.ts'
import { definedHooks } from './hooks.ts'
import { createStages, type StageRecord } from './stages.ts'
import { releaseComponent, type LinePorts, type ReleasedComponent } from './line.ts'

export interface ReleaseAllOptions
  extends ContextOptions, Pick<RepositoryOptions, 'plainHttp' | 'caFile'> {
  readonly config?: string | undefined
  readonly component?: string | undefined
  /** @default '.waybill/journal' in `cwd` */
  readonly journal?: string | undefined
  /** Builds, proves and plans, and writes nothing outside. @default false */
  readonly dryRun?: boolean | undefined
  /** Asked with the plan before anything is written outside; throws to stop. */
  readonly confirm?: ((plan: string) => Promise<void>) | undefined
}

/** What a release did: every decision, and for each due component what was built and published. */
export interface ReleaseAllResult {
  readonly decisions: readonly Decision[]
  readonly components: readonly ReleasedComponent[]
  readonly stages: readonly StageRecord[]
}

/**
 * Decides, builds, proves and publishes every due component of the repository's definition.
 * @throws {ERR_NOT_CLEAN} where tracked files differ from the released commit, {ERR_BASE_NOT_PINNED}, and what each step throws.
 */
export async function releaseAll(options: ReleaseAllOptions = {}): Promise<ReleaseAllResult> {
  const context = createContext(options)
  const stages = createStages()
  const { definition } = await readDefinition({ ...context, config: options.config })
  const decisions = await stages.measure('decide', () =>
    decideAll(definition, { ...context, component: options.component }),
  )
  const due = decisions.filter((decision): decision is DueDecision => decision.status === 'due')
  if (due.length === 0 || decisions.some(({ status }) => status === 'blocked'))
    return { decisions, components: [], stages: stages.records }
  await assertClean(context)
  const lock = await readLock(join(context.cwd, 'waybill.lock'))
  const access = { ...context, plainHttp: options.plainHttp, caFile: options.caFile }
  const ports: LinePorts = {
    base: (reference) => pinnedBase(reference, lock, access),
    destinations: (image) => definedDestinations(definition, image, access),
    hooks: definedHooks,
    journal: resolve(context.cwd, options.journal ?? '.waybill/journal'),
    confirm: async (plan) => options.confirm?.(planText(plan)),
  }
  const components: ReleasedComponent[] = []
  for (const decision of due)
    components.push(
      await releaseComponent(definition, decision, ports, {
        ...context,
        dryRun: options.dryRun,
        stages,
      }),
    )
  return { decisions, components, stages: stages.records }
}
