import type { Finding } from '@waybill/core'
import type { Candidate } from '../judge.ts'

/** What one released file holds. */
export interface Released {
  readonly candidates: readonly Candidate[]
  readonly findings: readonly Finding[]
}

/** The bytes of a released file: at hand, or on their way. */
export type ReleasedBytes = Uint8Array | AsyncGenerator<Uint8Array, void, undefined>
