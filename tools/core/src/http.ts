import { isWaybillError } from './error.ts'
import { openConnections, type Connections } from './http-connection.ts'
import { cancelled, networkError } from './http-errors.ts'
import { exchange } from './http-exchange.ts'
import { createPatience, type Patience } from './http-patience.ts'
import { isWorthRetrying, pause } from './http-retry.ts'
import type { Logger } from './logger.ts'

export interface HttpRequest {
  /** @default 'GET' */
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  /** Bytes, or a function that opens the body anew for every try. */
  readonly body?: Uint8Array | (() => AsyncIterable<Uint8Array>)
  readonly signal?: AbortSignal | undefined
  /** Tries after the first. @default 3 for GET, HEAD, PUT, DELETE; 0 otherwise */
  readonly retries?: number
}

export interface HttpResponse {
  readonly status: number
  /** The URL that was asked; redirects are not followed. */
  readonly url: string
  /** Lower-case names; several values of one name as an array. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  /** Must be read to its end or discarded, else the connection is lost to the pool. */
  readonly body: AsyncIterable<Uint8Array>
  /** Collects the body, at most `limit` bytes, which have a minute for each mebibyte of the limit. */
  bytes(limit: number): Promise<Uint8Array>
  /** Drops the body: reads 256 KiB of it at most, for a second at most, then drops the connection with it. */
  discard(): Promise<void>
}

/** A pooled HTTP client. Redirects, authentication and meaning are the caller's. */
export interface HttpClient {
  /**
   * Sends one request, again where the status or the connection's failure promises that this helps.
   * @throws {ERR_NETWORK} (outcome `unknown`) when no answer came, {ERR_CANCELLED}.
   */
  request(url: string, request?: HttpRequest): Promise<HttpResponse>
  /** How long it waits for hosts that fail, for who repeats requests of their own. */
  readonly patience?: Patience | undefined
  close(): Promise<void>
}

export interface HttpClientOptions {
  /** Where `https_proxy`, `http_proxy` and `no_proxy` are looked up. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined
  /** PEM certificates trusted beside the built-in ones. */
  readonly ca?: string | undefined
  readonly logger?: Logger | undefined
  /**
   * Milliseconds of silence on a connection after which it counts as broken. It also measures what comes slowly: an answer's headers
   * have this long once the request was sent, a body has to bring a kilobyte for each second of it. @default 60000
   */
  readonly timeout?: number | undefined
  /**
   * Milliseconds that an outage of a host is waited for: 429 and 5xx, and, of a host that has answered before, refused and broken connections.
   * Requests that may be repeated are then sent again until it is over; 0: a few times within a second or two. @default 0
   */
  readonly patience?: number | undefined
}

const REPEATABLE = new Set(['GET', 'HEAD', 'PUT', 'DELETE'])

/** Makes a client; it loads what it needs and opens connections on the first request. Clients may share their patience. */
export function createHttpClient(
  options: HttpClientOptions = {},
  patience: Patience = createPatience(options),
): HttpClient {
  let opened: Promise<Connections> | undefined
  const connections = (): Promise<Connections> => (opened ??= openConnections(options))
  return {
    patience,
    request: async (url, request = {}) => send(await connections(), url, request, patience),
    close: async () => {
      if (opened !== undefined) (await opened).close()
    },
  }
}

async function send(
  connections: Connections,
  url: string,
  request: HttpRequest,
  patience: Patience,
): Promise<HttpResponse> {
  const method = request.method ?? 'GET'
  const { signal } = request
  const retries = request.retries ?? (REPEATABLE.has(method) ? 3 : 0)
  for (let attempt = 0; ; attempt++) {
    let response: HttpResponse | undefined
    let error: unknown
    try {
      response = await exchange(connections, url, { ...request, method })
      patience.heard(method, url, response.status)
      if (retries === 0 || !isWorthRetrying(response.status)) return response
    } catch (thrown) {
      if (signal?.aborted === true) throw cancelled(method, url)
      if (isWaybillError(thrown)) throw thrown
      if (retries === 0) throw networkError(method, url, thrown)
      error = thrown
    }
    const time = patience.delay(attempt, retries, { method, url, response, error, signal })
    if (time === undefined && response !== undefined) return response
    if (time === undefined) throw networkError(method, url, error)
    await response?.discard()
    await pause(time, signal)
  }
}
