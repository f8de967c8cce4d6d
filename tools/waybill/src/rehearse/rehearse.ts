import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import {
  createContext,
  writeFileAtomic,
  type Context,
  type ContextOptions,
  type Decision,
  type Destinations,
  type DueDecision,
  type Receipt,
} from '@waybill/core'
import type { Base } from '@waybill/oci'
import { readDefinition } from '../definition/read.ts'
import type { Definition, ImageEntry } from '../definition/types.ts'
import { readLock, writeLock } from '../lock/lock.ts'
import { htmlReport } from '../present/html-report.ts'
import { joinReceipts } from '../present/release-report.ts'
import { componentEntry } from '../release/components.ts'
import { decideAll } from '../release/decide.ts'
import { givenDestinations } from '../release/destinations.ts'
import { releaseComponent, type ReleasedComponent } from '../release/line.ts'
import { rehearsalBases } from './bases.ts'
import { recordSteps, type StepRecord } from './record.ts'
import { startRegistries } from './registries.ts'
import { openState, rehearsalState, type RehearsalState } from './state.ts'
import { staticDefinition } from './static-definition.ts'
import type { RepositoryOptions } from '@waybill/registry'

export interface RehearseOptions
  extends ContextOptions, Pick<RepositoryOptions, 'plainHttp' | 'caFile'> {
  readonly config?: string | undefined
  /** Where the registries, the build and the report are kept. @default '.waybill/rehearse' in `cwd` */
  readonly state?: string | undefined
  /** Starts over: forgets what earlier rehearsals published. @default false */
  readonly reset?: boolean | undefined
  /** Static binaries on the static base. @default false */
  readonly static?: boolean | undefined
  /** Real repositories in place of the registries on loopback, one a registry. */
  readonly to?: readonly string[] | undefined
  /** URL of the Debian mirror packages come from. @default the machine's own apt sources */
  readonly mirror?: string | undefined
}

/** What a rehearsal did: every decision, every released component, the joined receipt, and how long each step took. */
export interface Rehearsal {
  readonly decisions: readonly Decision[]
  readonly components: readonly ReleasedComponent[]
  readonly receipt: Receipt | undefined
  readonly steps: readonly StepRecord[]
  readonly state: RehearsalState
}

/**
 * Releases every due component for real, with everything outside replaced by something in the state folder.
 * A second rehearsal of the same commit finds everything in place and writes nothing.
 */
export async function rehearse(options: RehearseOptions = {}): Promise<Rehearsal> {
  const outer = createContext(options)
  const { progress, steps } = recordSteps(outer.progress)
  const state = rehearsalState(resolve(outer.cwd, options.state ?? '.waybill/rehearse'))
  const context = { ...outer, progress, out: state.dist }
  const { definition } = await readDefinition({ ...context, config: options.config })
  const decisions = await decideAll(definition, context)
  const due = decisions.filter((decision) => decision.status === 'due')
  if (due.length === 0 || decisions.some(({ status }) => status === 'blocked')) {
    return { decisions, components: [], receipt: undefined, steps, state }
  }
  await openState(state, { reset: options.reset === true })
  const components = await releaseDue(definition, due, { context, state, options })
  const receipt = joinReceipts(components)
  await writeResults(state, { components, steps, receipt })
  return { decisions, components, receipt, steps, state }
}

interface Stage {
  readonly context: Context
  readonly state: RehearsalState
  readonly options: RehearseOptions
}

async function releaseDue(
  definition: Definition,
  due: readonly DueDecision[],
  { context, state, options }: Stage,
): Promise<ReleasedComponent[]> {
  const images = due.flatMap(
    ({ release }) => componentEntry(definition, release.component).images ?? [],
  )
  const lock = await readLock(state.lock)
  const {
    bases,
    lock: pinned,
    isStatic,
  } = await rehearsalBases(definition, images, { ...options, ...context, lock, cache: state.cache })
  await writeLock(state.lock, pinned)
  const used = isStatic ? staticDefinition(definition) : definition
  const places = await openPlaces(used, { context, state, options })
  try {
    const released: ReleasedComponent[] = []
    for (const decision of due) {
      const ports = {
        base: baseOf(bases),
        destinations: places.destinations,
        journal: state.journal,
      }
      released.push(await releaseComponent(used, decision, ports, context))
    }
    return released
  } finally {
    await places.close()
  }
}

const baseOf =
  (bases: ReadonlyMap<string, Base | 'scratch'>) =>
  (reference: string): Promise<Base | 'scratch'> =>
    Promise.resolve(bases.get(reference)!)

interface Places {
  destinations(image: ImageEntry): Destinations
  close(): Promise<void>
}

async function openPlaces(
  definition: Definition,
  { context, state, options }: Stage,
): Promise<Places> {
  const { to = [], plainHttp, caFile } = options
  const access = { ...context, plainHttp, caFile }
  if (to.length > 0)
    return { destinations: () => givenDestinations(to, [], access), close: async () => {} }
  if (definition.git !== undefined && !existsSync(state.git))
    await context.exec('git', ['init', '--quiet', '--bare', state.git])
  const registries = await startRegistries(definition, state)
  return {
    destinations: (image) => registries.destinations(image, access),
    close: () => registries.close(),
  }
}

interface Results {
  readonly components: readonly ReleasedComponent[]
  readonly steps: readonly StepRecord[]
  readonly receipt: Receipt | undefined
}

// Where nothing was applied the files of the run before still say it all, times included.
async function writeResults(
  state: RehearsalState,
  { components, steps, receipt }: Results,
): Promise<void> {
  if (receipt === undefined) return
  const idle = receipt.results.every(({ outcome }) => outcome === 'unchanged')
  if (idle && existsSync(state.receipt) && existsSync(state.report)) return
  await writeFileAtomic(state.receipt, `${JSON.stringify(receipt, null, 2)}\n`)
  await writeFileAtomic(state.report, htmlReport({ components, steps }))
}
