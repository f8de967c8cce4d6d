import { WaybillError, type Finding, type Report } from '@waybill/core'

/**
 * Stops where a report of what an image runs has an error.
 * @throws {ERR_RUNS_OTHER} with every finding in `details`.
 */
export function assertRuns({ findings }: Pick<Report, 'findings'>): void {
  const errors = findings.filter(({ level }) => level === 'error')
  if (errors[0] !== undefined) throw runsOther(errors[0], errors.length - 1, { findings })
}

/** The error for an image that may run something else than what was proved. */
export function runsOther(
  { message, suggestion }: Finding,
  more: number,
  details: Readonly<Record<string, unknown>>,
): WaybillError {
  const others = more > 0 ? ` (and ${more} more)` : ''
  return new WaybillError(
    'ERR_RUNS_OTHER',
    `The image may run something else than its binary: ${message}${others}`,
    { ...(suggestion === undefined ? {} : { hint: suggestion }), details },
  )
}
