import { hideCredentials, hideCredentialsIn } from '../text/hide-credentials.ts'
import { hints } from './hints.ts'

/**
 * What a failure means for whoever called: `failed` (a refusal or a failure), `usage` (the call or the
 * definition is wrong), `unknown` (could not find out; nothing was written), `partial` (partly written:
 * the same call again finishes it). The command line turns these into exit codes 1, 2, 4 and 5.
 */
export type Outcome = 'failed' | 'usage' | 'unknown' | 'partial'

export interface WaybillErrorOptions {
  /** What to do about it, in one sentence. @default what is known of the code */
  readonly hint?: string
  /** Machine-readable particulars; never a secret. */
  readonly details?: Readonly<Record<string, unknown>>
  /** @default 'failed' */
  readonly outcome?: Outcome
  readonly cause?: unknown
}

/**
 * The one error of every package: a stable `code` (`ERR_…`), a message that says what, where, expected and found, and a hint. Users and passwords in
 * addresses are taken out of all of them.
 */
export class WaybillError extends Error {
  readonly code: string
  readonly hint: string | undefined
  readonly details: Readonly<Record<string, unknown>>
  readonly outcome: Outcome

  constructor(code: `ERR_${string}`, message: string, options: WaybillErrorOptions = {}) {
    super(
      hideCredentials(message),
      options.cause === undefined ? undefined : { cause: options.cause },
    )
    this.name = 'WaybillError'
    this.code = code
    const hint = options.hint ?? hints[code]
    this.hint = hint === undefined ? undefined : hideCredentials(hint)
    this.details = hideCredentialsIn(options.details ?? {})
    this.outcome = options.outcome ?? 'failed'
  }
}

/** Tells a Waybill error (optionally of one code) from any other thrown value, across duplicated installs of this package. */
export function isWaybillError(value: unknown, code?: `ERR_${string}`): value is WaybillError {
  if (!(value instanceof Error) || value.name !== 'WaybillError') return false
  return code === undefined || (value as WaybillError).code === code
}

/** The message of any thrown value, for a sentence that quotes it. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
