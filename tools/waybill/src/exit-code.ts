import { isWaybillError } from '@waybill/core'

/** Exit codes of the command line and of `run`. */
export const EXIT = {
  done: 0,
  failed: 1,
  usage: 2,
  nothing: 3,
  unknown: 4,
  partial: 5,
  hungUp: 129,
  interrupted: 130,
  terminated: 143,
} as const

/** The exit code an error stands for. */
export function exitCodeOf(error: unknown): number {
  return isWaybillError(error) ? EXIT[error.outcome] : EXIT.failed
}
