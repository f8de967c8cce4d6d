import { setTimeout as sleep } from 'node:timers/promises'
import { WaybillError } from '../../values/error.ts'
import type { HttpResponse } from '../../ports/http.ts'

// Statuses that say "later": RFC 9110 sections 15.5.9, 15.6 and RFC 6585 section 4; 499 and 522 are proxies' own.
const LATER = new Set([408, 429, 499, 500, 502, 503, 504, 522])

/** The longest a server's wish to wait is obeyed, in milliseconds; one that asks for more gets its answer taken as final by then. */
export const LONGEST_WAIT = 120_000

/** Whether an answer of this status may be another one later. */
export function isWorthRetrying(status: number): boolean {
  return LATER.has(status)
}

/**
 * Milliseconds a response asks to wait before the next try: seconds or an HTTP date, RFC 9110 section 10.2.3; or, where a quota is
 * used up, until the time it is given anew (`x-ratelimit-reset`, GitHub's).
 */
export function retryAfter(response: Pick<HttpResponse, 'headers'>): number | undefined {
  const value = header(response, 'retry-after')?.trim()
  if (value === undefined) return untilReset(response)
  const milliseconds = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now()
  return Number.isFinite(milliseconds) ? Math.max(0, milliseconds) : undefined
}

function untilReset(response: Pick<HttpResponse, 'headers'>): number | undefined {
  const reset = header(response, 'x-ratelimit-reset')
  if (header(response, 'x-ratelimit-remaining') !== '0' || !/^\d+$/.test(reset ?? ''))
    return undefined
  return Math.max(0, Number(reset) * 1000 - Date.now())
}

/** A header that has one value; the first of several. */
export function header(
  { headers }: Pick<HttpResponse, 'headers'>,
  name: string,
): string | undefined {
  return [headers[name] ?? []].flat()[0]
}

/** Waits some milliseconds. @throws {ERR_CANCELLED} */
export async function pause(time: number, signal?: AbortSignal): Promise<void> {
  try {
    await sleep(time, undefined, signal === undefined ? {} : { signal })
  } catch (error) {
    throw new WaybillError('ERR_CANCELLED', 'The wait before another try was cancelled', {
      cause: error,
    })
  }
}
