import {
  inStep,
  mapLimit,
  type Context,
  type Finding,
  type NamedDigest,
  type ProvenImage,
  type PublishPlan,
  type WaybillError,
} from '@waybill/core'
import { assertGoing, failedIn, optionalFailed, type Phase } from './errors.ts'
import type { PlannedDestination } from './target.ts'

/** One name of the plan at one destination, and what was found there. */
export interface PlannedName {
  readonly target: PlannedDestination
  readonly name: string
  readonly kind: 'immutable' | 'rolling'
  readonly wanted: NamedDigest
  readonly found: NamedDigest | undefined
  /** It is listed and leads nowhere: the error that says so. */
  readonly phantom?: WaybillError
}

/** What goes on while publishing. */
export interface PublishRun {
  readonly plan: PublishPlan
  readonly proven: ProvenImage
  readonly context: Context
  /** The plan was made a moment ago: what differs from it since was moved by somebody who publishes at the same time. */
  readonly isFresh: boolean
  /** Destinations that take part; an optional one that fails leaves. */
  readonly live: Set<PlannedDestination>
  readonly findings: Finding[]
  /** What this run wrote, as `destination:name`. */
  readonly written: Set<string>
  /** Names whose bytes were read back in this run, as `destination:name`. */
  readonly confirmed: Set<string>
  /** What it began to write and does not know the end of. */
  readonly perhaps: Set<string>
}

/** The work of one phase at one destination; undefined: there is none. */
export type DestinationWork = (target: PlannedDestination) => (() => Promise<void>) | undefined

/**
 * Does one phase's work at every destination at once and waits for all of it. An optional destination that fails leaves the run;
 * when a required one fails, the phase fails.
 */
export async function forEachDestination(
  run: PublishRun,
  phase: Phase,
  work: DestinationWork,
): Promise<void> {
  await forEachDestinationQuietly(run, phase, (target) => {
    const job = work(target)
    if (job === undefined) return undefined
    return () => inStep(run.context.progress, `${target.destination.name}: ${phase}`, job)
  })
}

/** The same, without a step of its own in the progress. */
export async function forEachDestinationQuietly(
  run: PublishRun,
  phase: Phase,
  work: DestinationWork,
): Promise<void> {
  const failures: unknown[] = []
  const targets = [...run.live]
  await mapLimit(targets, targets.length, async (target) => {
    try {
      const job = work(target)
      if (job === undefined) return
      assertGoing(run.context.signal)
      await job()
    } catch (error) {
      if (target.destination.required) failures.push(error)
      else leave(run, target, error)
    }
  })
  if (failures.length > 0) throw failedIn(phase, failures, run)
}

/** Lets an optional destination that failed go, and says so in the receipt. */
export function leave(run: PublishRun, target: PlannedDestination, error: unknown): void {
  run.live.delete(target)
  run.findings.push(optionalFailed(target.destination, error))
}

/** The names that belong to destinations still taking part. */
export function liveNames(run: PublishRun, names: readonly PlannedName[]): readonly PlannedName[] {
  return names.filter(({ target }) => run.live.has(target))
}
