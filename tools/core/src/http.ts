import { isWaybillError, messageOf } from './error.ts'
import { openConnections, type Connections } from './http-connection.ts'
import { cancelled, networkError, shown } from './http-errors.ts'
import { exchange } from './http-exchange.ts'
import { LONGEST_WAIT, isWorthRetrying, retryAfter, waitBeforeRetry } from './http-retry.ts'
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
}

const REPEATABLE = new Set(['GET', 'HEAD', 'PUT', 'DELETE'])

/** Makes a client; it loads what it needs and opens connections on the first request. */
export function createHttpClient(options: HttpClientOptions = {}): HttpClient {
  let opened: Promise<Connections> | undefined
  const connections = (): Promise<Connections> => (opened ??= openConnections(options))
  return {
    request: async (url, request = {}) => send(await connections(), url, request, options.logger),
    close: async () => {
      if (opened !== undefined) (await opened).close()
    },
  }
}

// Whoever waits for seconds wants to know for what.
const LONG = 5000

function sayWait(asked: string, response: HttpResponse, logger: Logger | undefined): void {
  const time = Math.min(retryAfter(response) ?? 0, LONGEST_WAIT)
  const said = `${asked}: ${response.status}; trying again`
  if (time < LONG) logger?.debug(said)
  else logger?.info(`${said} in ${Math.ceil(time / 1000)} s, as the server asks`)
}

async function send(
  connections: Connections,
  url: string,
  request: HttpRequest,
  logger: Logger | undefined,
): Promise<HttpResponse> {
  const method = request.method ?? 'GET'
  const retries = request.retries ?? (REPEATABLE.has(method) ? 3 : 0)
  for (let attempt = 0; ; attempt++) {
    const last = attempt >= retries
    let response: HttpResponse | undefined
    try {
      response = await exchange(connections, url, { ...request, method })
      if (last || !isWorthRetrying(response.status)) return response
      await response.discard()
    } catch (error) {
      if (request.signal?.aborted === true) throw cancelled(method, url)
      if (isWaybillError(error)) throw error
      if (last) throw networkError(method, url, error)
      logger?.debug(`${method} ${shown(url)}: ${messageOf(error)}; trying again`)
    }
    if (response !== undefined) sayWait(`${method} ${shown(url)}`, response, logger)
    await waitBeforeRetry(attempt, { response, signal: request.signal })
  }
}
