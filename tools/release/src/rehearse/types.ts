import type { ContextOptions, Decision, PublishPlan, Receipt } from '@waybill/core'
import type { PackageOptions } from '../lock/base.ts'
import type { ReleasedComponent } from '../line/line-types.ts'
import type { StageRecord } from '../line/stages.ts'
import type { PlacesOptions } from './places.ts'
import type { RehearsalState } from './state.ts'

export interface RehearseOptions extends ContextOptions, PlacesOptions, PackageOptions {
  readonly config?: string | undefined
  /** Where the registries, the build and the report are kept. @default '.waybill/rehearse' in `cwd` */
  readonly state?: string | undefined
  /** Starts over: forgets what earlier rehearsals published. @default false */
  readonly reset?: boolean | undefined
  /** Takes nothing that was made before, of the compilers' own caches neither. @default false */
  readonly fresh?: boolean | undefined
  /** Static binaries on the static base. @default false */
  readonly static?: boolean | undefined
  /** Builds, proves and plans, and publishes nothing. @default false */
  readonly dryRun?: boolean | undefined
  /** Asked with the plan before anything is published; throws to stop. */
  readonly confirm?: ((plan: PublishPlan) => Promise<void>) | undefined
}

/** What a rehearsal did: every decision, every released component, the joined receipt, and how long each stage took. */
export interface Rehearsal {
  readonly decisions: readonly Decision[]
  readonly components: readonly ReleasedComponent[]
  readonly receipt: Receipt | undefined
  readonly stages: readonly StageRecord[]
  readonly state: RehearsalState
}
