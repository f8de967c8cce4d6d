import { WaybillError } from './error.ts'

/** Stops work whose signal was given: `message` says what was cancelled. @throws {ERR_CANCELLED} */
export function assertNotCancelled(
  signal: AbortSignal | undefined,
  message: string,
  hint?: string,
): void {
  if (signal?.aborted !== true) return
  throw new WaybillError('ERR_CANCELLED', message, hint === undefined ? {} : { hint })
}
