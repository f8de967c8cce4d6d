import type { Component, ContextOptions, Finding } from '@waybill/core'
import type { Policy, PolicyName } from '../policy.ts'

/** One release of the past, predicted from its commits alone. */
export interface SimulatedRelease {
  readonly tag: string
  readonly component: string
  readonly version: string
  /** Whether the policy would have released. */
  readonly decided: boolean
  /** The version that follows from the range, whether it would have been released or not. */
  readonly predicted: string
  /** Why the prediction differs, in words; null where it does not. */
  readonly cause: string | null
}

export interface SimulationTotals {
  readonly releases: number
  readonly versionsEqual: number
  readonly decisionsEqual: number
  /** Releases of which both the decision and the version are equal. */
  readonly exact: number
  /** Commits judged, over all releases. */
  readonly commits: number
  /** Commits that got no verdict or no reason. */
  readonly dropped: number
}

/** A replay of a repository's releases. */
export interface Simulation {
  readonly schemaVersion: 1
  readonly policy: string
  readonly releases: readonly SimulatedRelease[]
  readonly totals: SimulationTotals
  readonly findings: readonly Finding[]
}

export interface SimulateOptions extends ContextOptions {
  /** A preset other than `conventional` reads its tool's own configuration at the end of each range. @default 'conventional' */
  readonly policy?: PolicyName | Policy | undefined
  /** The components; without them they and their tag formats are found from the tags. */
  readonly components?: readonly Component[] | undefined
  /** Only this component. */
  readonly component?: string | undefined
  /** Only tags of this format, of one component at the root. */
  readonly tagFormat?: string | undefined
  /** @default 'HEAD' */
  readonly until?: string | undefined
}
