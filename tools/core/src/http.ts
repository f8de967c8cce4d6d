import { setTimeout as sleep } from 'node:timers/promises'
import type { Dispatcher } from 'undici'
import { collect } from './bytes.ts'
import { WaybillError, messageOf } from './error.ts'
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
  /** Collects the body, at most `limit` bytes. */
  bytes(limit: number): Promise<Uint8Array>
  /** Drops the body. */
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
  /** Milliseconds to wait for headers, and between two pieces of a body. @default 60000 */
  readonly timeout?: number | undefined
}

// Statuses that say "later": RFC 9110 sections 15.5.9, 15.6 and RFC 6585 section 4; 499 and 522 are proxies' own.
const RETRIED = new Set([408, 429, 499, 500, 502, 503, 504, 522])
const REPEATABLE = new Set(['GET', 'HEAD', 'PUT', 'DELETE'])

/** Makes a client; it loads its library and opens connections on the first request. */
export function createHttpClient(options: HttpClientOptions = {}): HttpClient {
  let opened: Promise<Dispatcher> | undefined
  const dispatcher = (): Promise<Dispatcher> => (opened ??= openDispatcher(options))
  return {
    request: (url, request = {}) => send(dispatcher, url, request, options.logger),
    close: async () => {
      if (opened !== undefined) await (await opened).close()
    },
  }
}

async function openDispatcher(options: HttpClientOptions): Promise<Dispatcher> {
  const { EnvHttpProxyAgent } = await import('undici')
  const env = options.env ?? {}
  const timeout = options.timeout ?? 60_000
  const pick = (name: string): string => env[name] ?? env[name.toUpperCase()] ?? ''
  return new EnvHttpProxyAgent({
    httpProxy: pick('http_proxy'),
    httpsProxy: pick('https_proxy'),
    noProxy: pick('no_proxy'),
    headersTimeout: timeout,
    bodyTimeout: timeout,
    keepAliveTimeout: 10_000,
    ...(options.ca === undefined ? {} : { connect: { ca: await withBuiltIn(options.ca) } }),
  })
}

async function withBuiltIn(ca: string): Promise<string[]> {
  const { rootCertificates } = await import('node:tls')
  return [...rootCertificates, ca]
}

async function send(
  dispatcher: () => Promise<Dispatcher>,
  url: string,
  request: HttpRequest,
  logger: Logger | undefined,
): Promise<HttpResponse> {
  const method = request.method ?? 'GET'
  const retries = request.retries ?? (REPEATABLE.has(method) ? 3 : 0)
  for (let attempt = 0; ; attempt++) {
    const last = attempt >= retries
    try {
      const response = await once(await dispatcher(), url, method, request)
      if (last || !RETRIED.has(response.status)) return response
      await response.discard()
      await pause(attempt, response, request.signal)
    } catch (error) {
      if (request.signal?.aborted === true)
        throw new WaybillError('ERR_CANCELLED', `${method} ${shown(url)} was cancelled`)
      if (last) throw networkError(method, url, error)
      logger?.debug(`${method} ${shown(url)}: ${messageOf(error)}; trying again`)
      await pause(attempt, undefined, request.signal)
    }
  }
}

async function once(
  dispatcher: Dispatcher,
  url: string,
  method: string,
  request: HttpRequest,
): Promise<HttpResponse> {
  const { Readable } = await import('node:stream')
  const target = new URL(url)
  const body = typeof request.body === 'function' ? Readable.from(request.body()) : request.body
  const answer = await dispatcher.request({
    origin: target.origin,
    path: target.pathname + target.search,
    method: method as Dispatcher.HttpMethod,
    headers: { ...request.headers },
    body: body ?? null,
    signal: request.signal ?? null,
  })
  return {
    status: answer.statusCode,
    url,
    headers: answer.headers,
    body: answer.body,
    bytes: (limit) => collect(answer.body, limit, shown(url)),
    discard: () => answer.body.dump().then(() => {}),
  }
}

async function pause(
  attempt: number,
  response: HttpResponse | undefined,
  signal: AbortSignal | undefined,
): Promise<void> {
  const asked = retryAfter(response)
  const backoff = 200 * 2 ** attempt
  await sleep(asked ?? backoff, undefined, signal === undefined ? {} : { signal })
}

// Seconds or an HTTP date: RFC 9110 section 10.2.3. What a server asks for is waited, a minute at most.
function retryAfter(response: HttpResponse | undefined): number | undefined {
  const value = response?.headers['retry-after']
  if (typeof value !== 'string') return undefined
  const milliseconds = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now()
  return Number.isFinite(milliseconds) ? Math.min(Math.max(0, milliseconds), 60_000) : undefined
}

function networkError(method: string, url: string, error: unknown): WaybillError {
  return new WaybillError('ERR_NETWORK', `${method} ${shown(url)}: ${messageOf(error)}`, {
    hint: 'Check the address, the network and the proxy settings, and run the same again.',
    outcome: 'unknown',
    cause: error,
  })
}

/** A URL as it may be shown: without its query, which may carry a secret. */
export function shown(url: string): string {
  return url.split('?')[0]!
}
