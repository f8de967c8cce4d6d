import { WaybillError } from '@waybill/core'
import { day } from './openpgp/clear-signed.ts'
import type { SuiteRelease } from './release-file.ts'

/** What the dates of a Release file are compared with, in seconds since 1970. */
export interface Times {
  readonly now: number
  /** The date of the Release file that was believed the last time; an older one is a replay. @default none */
  readonly last: number | undefined
}

// Clocks differ; a day says nothing about a replay.
const AHEAD = 24 * 60 * 60

/**
 * Refuses a Release file that has expired, is dated in the future, or is older than the last one: whoever sits between can replay a good signature
 * for ever. apt: Acquire::Check-Valid-Until and Check-Date. @throws {ERR_RELEASE_STALE}
 */
export function assertFresh({ date, validUntil }: SuiteRelease, where: string, times: Times): void {
  const { now, last } = times
  if (validUntil !== undefined && validUntil < now)
    throw stale(where, `is valid until ${day(validUntil)}, and today is ${day(now)}`)
  if (date !== undefined && date > now + AHEAD)
    throw stale(where, `is dated ${day(date)}, and today is ${day(now)}`)
  if (last === undefined) return
  if (date === undefined) throw stale(where, `has no date, and the last one had ${day(last)}`)
  if (date < last) throw stale(where, `is dated ${day(date)}, and the lock is of ${day(last)}`)
}

function stale(where: string, why: string): WaybillError {
  return new WaybillError('ERR_RELEASE_STALE', `${where} ${why}`, {
    hint: 'The mirror is out of date, or someone serves an old state: use another mirror with --mirror URL, and check the clock of this machine.',
    details: { where },
  })
}
