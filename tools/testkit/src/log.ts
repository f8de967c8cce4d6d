import type { IncomingHttpHeaders } from 'node:http'
import type { Handler } from './message.ts'

/** A request that came in, in the order of coming. */
export interface LoggedRequest {
  /** Counted from 1. */
  readonly number: number
  readonly method: string
  /** Path and query as they were sent. */
  readonly path: string
  readonly headers: IncomingHttpHeaders
  /** Undefined while it is being answered, and where the connection was broken instead. */
  readonly status: number | undefined
}

export interface LogOptions {
  /** How many of the latest requests `requests` holds. @default 10000 */
  readonly keep?: number
  /** Called when a request has been answered. */
  readonly onRequest?: (request: LoggedRequest) => void
}

/** Writes every request into `requests`, the oldest giving way when there are more than are kept. */
export function withLog(
  next: Handler,
  requests: LoggedRequest[],
  { keep = 10_000, onRequest }: LogOptions,
): Handler {
  let number = 0
  return async (request) => {
    const entry: { -readonly [Key in keyof LoggedRequest]: LoggedRequest[Key] } = {
      number: ++number,
      method: request.method,
      path: request.target,
      headers: request.headers,
      status: undefined,
    }
    requests.push(entry)
    if (requests.length > keep) requests.shift()
    try {
      const reply = await next(request)
      if (reply.cut === undefined) entry.status = reply.status
      return reply
    } finally {
      onRequest?.(entry)
    }
  }
}
