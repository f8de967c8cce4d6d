import type { Bump, CommitVerdict, Finding } from '@waybill/core'
import type { RangeCommit } from './commit-range.ts'

/** A commit with its verdict. */
export interface JudgedCommit {
  readonly source: RangeCommit
  readonly verdict: CommitVerdict
}

/** A version a commit orders. */
export interface ReleaseOrder {
  readonly version: string
  readonly commit: string
}

/** What a policy makes of a range. */
export interface RangeOutcome {
  readonly judged: readonly JudgedCommit[]
  /** Whether there is something to release. */
  readonly due: boolean
  readonly bump: Bump
  /** The version that follows from the range, whether due or not. */
  readonly version: string
  readonly order: ReleaseOrder | null
  readonly findings: readonly Finding[]
}

const WEIGHT: Readonly<Record<Bump, number>> = { none: 0, patch: 1, minor: 2, major: 3 }

/** The higher of two bumps. */
export function higherBump(a: Bump, b: Bump): Bump {
  return WEIGHT[a] >= WEIGHT[b] ? a : b
}

/** The highest bump of several. */
export function highestBump(bumps: Iterable<Bump>): Bump {
  let highest: Bump = 'none'
  for (const bump of bumps) highest = higherBump(highest, bump)
  return highest
}
