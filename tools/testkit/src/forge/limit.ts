import { withHeader, type Handler } from '../message.ts'
import { refused } from './replies.ts'

/** How much may be asked before the next reset. */
export interface ForgeLimit {
  readonly requests: number
  /** Seconds from the first request until they count anew. */
  readonly seconds: number
}

/** Counts requests and refuses those beyond the quota, as GitHub's primary limit does; every reply says what is left. */
export function withLimit(next: Handler, limit: ForgeLimit, now: () => number): Handler {
  let used = 0
  let reset = 0
  return async (request) => {
    if (now() >= reset) {
      used = 0
      reset = now() + limit.seconds * 1000
    }
    used += 1
    const left = Math.max(0, limit.requests - used)
    const reply =
      used > limit.requests
        ? refused(403, 'API rate limit exceeded for installation.')
        : await next(request)
    const headers: readonly (readonly [string, string])[] = [
      ['X-RateLimit-Limit', String(limit.requests)],
      ['X-RateLimit-Remaining', String(left)],
      ['X-RateLimit-Reset', String(Math.ceil(reset / 1000))],
    ]
    return headers.reduce((made, [name, value]) => withHeader(made, name, value), reply)
  }
}
