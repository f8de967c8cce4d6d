import type { Digest } from './digest.ts'
import type { Finding } from './finding.ts'
import type { ThroughCheck } from './proof.ts'
import type { Release } from './release.ts'
import type { NamedDigest } from './named-digest.ts'

export interface ReceiptResult {
  readonly destination: string
  readonly name: string
  readonly kind: 'immutable' | 'rolling'
  readonly digest: NamedDigest
  readonly outcome: 'applied' | 'unchanged'
  /** Where a person looks at it, where the destination has such a place. */
  readonly url?: string
}

/** What was published, read back from every destination. */
export interface Receipt {
  readonly schemaVersion: 1
  /** The plan's digest. */
  readonly plan: Digest
  readonly release?: Release
  readonly subject: Digest
  /** Why identity was not proved, or null when it was. */
  readonly waived: string | null
  /** The programs that start before the released one, or run beside it, where some were accepted. */
  readonly through?: readonly ThroughCheck[]
  readonly results: readonly ReceiptResult[]
  /** Optional destinations that failed, and other things to know. */
  readonly findings: readonly Finding[]
}
