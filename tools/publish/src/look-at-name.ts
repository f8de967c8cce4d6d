import {
  isWaybillError,
  type Destination,
  type NamedDigest,
  type WaybillError,
} from '@waybill/core'

/** What a look at a name found: what it points at, if anything, and whether it is listed although it leads nowhere. */
export interface Seen {
  readonly found: NamedDigest | undefined
  /** The error that says so, for who must not go on from there. */
  readonly phantom?: WaybillError
}

/** Looks at a name; one that is listed and leads nowhere is something found. @throws {ERR_UNKNOWN_STATE} */
export async function lookAtName(
  destination: Destination,
  name: string,
  signal: AbortSignal,
): Promise<Seen> {
  try {
    return { found: await destination.observe(name, signal) }
  } catch (error) {
    if (!isPhantom(error)) throw error
    return { found: undefined, phantom: error }
  }
}

/** Whether an error says that a name is listed and leads nowhere. */
export function isPhantom(error: unknown): error is WaybillError {
  return isWaybillError(error, 'ERR_UNKNOWN_STATE') && error.details['phantom'] === true
}
