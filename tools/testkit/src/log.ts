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

/** Writes every request into `requests`, the oldest giving way when there are more than `limit`. */
export function withLog(
  next: Handler,
  requests: LoggedRequest[],
  options: { readonly limit: number; readonly onRequest?: (request: LoggedRequest) => void },
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
    if (requests.length > options.limit) requests.shift()
    try {
      const reply = await next(request)
      if (reply.cut === undefined) entry.status = reply.status
      return reply
    } finally {
      options.onRequest?.(entry)
    }
  }
}
