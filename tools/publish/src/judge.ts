import { WaybillError, type NamedDigest } from '@waybill/core'

/** One name at one destination: what it shall be, what the plan saw, what is there now. */
export interface NameState {
  readonly destination: string
  readonly name: string
  readonly kind: 'immutable' | 'rolling'
  readonly wanted: NamedDigest
  readonly found: NamedDigest | undefined
  /** Undefined where the plan could not look. */
  readonly observed?: NamedDigest | 'absent' | undefined
}

/**
 * Judges a name: what is wanted stands, or may be written.
 * @throws {ERR_IMMUTABLE_TAG} {ERR_STALE_PLAN} naming what is wanted, what the plan saw and what was found.
 */
export function judgeName(state: NameState): 'unchanged' | 'write' {
  const { kind, wanted, found, observed } = state
  if (found === wanted) return 'unchanged'
  if (kind === 'immutable') {
    if (found === undefined) return 'write'
    throw taken(state)
  }
  if (observed === undefined || observed === (found ?? 'absent')) return 'write'
  throw stale(state)
}

function taken(state: NameState): WaybillError {
  return new WaybillError(
    'ERR_IMMUTABLE_TAG',
    `${state.destination}: ${state.name} never changes once written; ${values(state)}`,
    {
      hint: /(?:^|-)sha-[0-9a-f]+$/.test(state.name)
        ? 'Another build of this commit was released: publish its digest under the new names, or release from a new commit.'
        : 'Release under a new version; a name that people may have pulled stays what it is.',
      details: detailsOf(state),
    },
  )
}

function stale(state: NameState): WaybillError {
  return new WaybillError(
    'ERR_STALE_PLAN',
    `${state.destination}: ${state.name} was moved after the plan was made; ${values(state)}`,
    {
      details: detailsOf(state),
    },
  )
}

function values({ wanted, observed, found }: NameState): string {
  const seen = observed === undefined ? '' : `, the plan saw ${observed}`
  return `wanted ${wanted}${seen}, found ${found ?? 'absent'}`
}

function detailsOf({ destination, name, wanted, observed, found }: NameState): {
  readonly [key: string]: string | undefined
} {
  return { destination, name, wanted, observed, found: found ?? 'absent' }
}
