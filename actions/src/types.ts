import type { KindName } from './kinds.ts'

export interface Input {
  readonly kind: KindName
  readonly description: string
  /** One on each line. */
  readonly list?: true
  readonly required?: true
  readonly default?: string
}

/** What inputs have to do with each other. */
export interface Rule {
  /** `exclusive`: one at most; `together`: all or none; `one`: exactly one. */
  readonly kind: 'exclusive' | 'together' | 'one'
  readonly inputs: readonly string[]
}

export interface Action {
  readonly tier: 'everyday' | 'splitting'
  readonly description: string
  readonly inputs: Readonly<Record<string, Input>>
  readonly outputs: Readonly<Record<string, string>>
  readonly rules?: readonly Rule[]
  /** Cleans up when the job ends. */
  readonly post?: true
}
