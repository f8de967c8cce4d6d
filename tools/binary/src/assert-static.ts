import { WaybillError } from '@waybill/core'
import type { BinaryFacts } from './facts.ts'

export interface AssertOptions {
  /** How the binary is called in the error. @default 'The binary' */
  readonly name?: string
}

/**
 * Checks that a binary needs no loader and no library.
 * @throws {ERR_NOT_STATIC} naming what it needs.
 */
export function assertStatic(facts: BinaryFacts, options: AssertOptions = {}): void {
  if (facts.linkage === 'static' || facts.linkage === 'static-pie') return
  const { interpreter, needed } = facts
  const wants = [...(interpreter === null ? [] : [interpreter]), ...needed]
  const found =
    facts.linkage === null
      ? `a ${facts.kind}, which is not linked`
      : `one that needs ${wants.join(', ') || 'a loader'}`
  throw new WaybillError(
    'ERR_NOT_STATIC',
    `${options.name ?? 'The binary'}: expected a static program, found ${found}`,
    {
      hint: 'Link it statically (musl for C and Rust, CGO_ENABLED=0 for Go), or put it on a base that has these libraries.',
      details: { linkage: facts.linkage, interpreter, needed },
    },
  )
}
