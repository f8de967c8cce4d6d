import { resolve } from 'node:path'
import {
  WaybillError,
  createContext,
  isWaybillError,
  withFileLocks,
  type Context,
  type DueDecision,
  type Finding,
  type PublishPlan,
  type Receipt,
} from '@waybill/core'
import { readDefinition } from '../definition/read.ts'
import type { Definition } from '../definition/types.ts'
import { readLock, writeLock, type Lock } from '../lock/lock.ts'
import { componentEntry } from '../line/components.ts'
import { assertOwnFolders } from '../line/own-folders.ts'
import { warnUnlessClean } from '../line/assert-clean.ts'
import { assertUntracked } from '../line/assert-untracked.ts'
import { decideReleases } from '../line/decide-releases.ts'
import { type ReleasedComponent } from '../line/line-types.ts'
import { releaseComponent } from '../line/line.ts'
import { createStages, type Stages } from '../line/stages.ts'
import { rehearsalBases } from './bases.ts'
import { openPlaces } from './places.ts'
import { openState, rehearsalState, type RehearsalState } from './state.ts'
import { staticDefinition } from './static-definition.ts'
import type { RehearseOptions, Rehearsal } from './types.ts'
import { joinReceipts } from '../line/join-receipts.ts'

/**
 * Releases every due component for real, with everything outside replaced by something in the state folder.
 * A second rehearsal of the same commit finds everything in place and writes nothing. Who wants a report writes it from what comes back.
 */
export async function rehearse(options: RehearseOptions = {}): Promise<Rehearsal> {
  const outer = createContext(options)
  const state = rehearsalState(resolve(outer.cwd, options.state ?? '.waybill/rehearse'))
  const context = { ...outer, out: state.dist }
  await assertOwnFolders(context, [state.folder])
  const stages = createStages()
  const { definition } = await readDefinition({
    ...context,
    config: options.config,
    allowCode: true,
  })
  const { decisions } = await stages.measure('decide', () => decideReleases(definition, context))
  const due = decisions.filter((decision) => decision.status === 'due')
  const isBlocked = decisions.some(({ status }) => status === 'blocked')
  const rehearsal = { context, state, options, stages }
  // What a release would refuse, and what is used here.
  for (const { out } of [outer, context]) await assertUntracked({ ...outer, out, definition })
  const components = isBlocked || due.length === 0 ? [] : await alone(definition, due, rehearsal)
  const receipt = withUnauthenticated(joinReceipts(components), await readLock(state.lock))
  return { decisions, components, receipt, stages: stages.records, state }
}

interface Work {
  readonly context: Context
  readonly state: RehearsalState
  readonly options: RehearseOptions
  readonly stages: Stages
}

// Two rehearsals in one folder would serve the same registries twice: the second waits for the first.
function alone(
  definition: Definition,
  due: readonly DueDecision[],
  work: Work,
): Promise<ReleasedComponent[]> {
  const { context, state } = work
  const lock = {
    purpose: `rehearsing in ${state.folder}`,
    signal: context.signal,
    onWait: ({ pid }: { pid: number }) =>
      context.logger.info(`waiting for the rehearsal of process ${pid} in the same folder`),
  }
  return withFileLocks([`rehearse:${state.folder}`], lock, () => releaseDue(definition, due, work))
}

async function releaseDue(
  definition: Definition,
  due: readonly DueDecision[],
  work: Work,
): Promise<ReleasedComponent[]> {
  const { context, state, options, stages } = work
  await warnUnlessClean(context)
  await openState(state, { reset: options.reset === true })
  const images = due.flatMap(
    ({ release }) => componentEntry(definition, release.component).images ?? [],
  )
  const lock = await readLock(state.lock)
  const found = await stages.measure('base', () =>
    rehearsalBases(definition, images, {
      ...options,
      ...context,
      lock,
      lockFile: state.lock,
    }),
  )
  await writeLock(state.lock, found.lock)
  const used = found.isStatic ? staticDefinition(definition) : definition
  const places = await openPlaces(used, state, { ...options, ...context })
  const ports = {
    base: found.base,
    destinations: places.destinations,
    hooks: places.hooks,
    ...(places.page === undefined ? {} : { page: places.page }),
    journal: state.journal,
    confirm: async (plan: PublishPlan) => options.confirm?.(plan),
  }
  const line = { ...context, stages, fresh: options.fresh, dryRun: options.dryRun }
  try {
    const released: ReleasedComponent[] = []
    for (const decision of due) released.push(await releaseComponent(used, decision, ports, line))
    return released
  } catch (error) {
    throw withResetHint(error)
  } finally {
    await places.close()
  }
}

// A receipt is read without the lock beside it.
function withUnauthenticated(
  receipt: Receipt | undefined,
  { packages }: Lock,
): Receipt | undefined {
  const names = Object.keys(packages).filter((name) => packages[name]?.unauthenticated === true)
  if (receipt === undefined || names.length === 0) return receipt
  const finding: Finding = {
    code: 'unauthenticated-packages',
    level: 'warning',
    message: `No signature vouches for the Debian packages of ${names.join(', ')}`,
    suggestion: 'Pin them again with a keyring: waybill lock --packages --keyring FILE.',
  }
  return { ...receipt, findings: [...receipt.findings, finding] }
}

// A rehearsal may be forgotten; a real release may not.
function withResetHint(error: unknown): unknown {
  if (!isWaybillError(error, 'ERR_IMMUTABLE_TAG')) return error
  const { message, details, outcome } = error
  const hint =
    'The sources changed and the version did not: commit what a new version needs, or forget this rehearsal with --reset.'
  return new WaybillError('ERR_IMMUTABLE_TAG', message, { hint, details, outcome, cause: error })
}
