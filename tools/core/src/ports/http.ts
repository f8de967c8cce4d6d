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

/** A try of a request that failed, in a way that may be over later. */
export interface FailedTry {
  readonly method: string
  readonly url: string
  /** What was answered, if anything was. */
  readonly response?: Pick<HttpResponse, 'status' | 'headers'> | undefined
  /** Why nothing was. */
  readonly error?: unknown
  readonly signal?: AbortSignal | undefined
}

/** How long a client waits for hosts that fail. */
export interface Patience {
  /**
   * Milliseconds to wait before another try, and says so; undefined: there should be none. `attempt` counts from 0; up to `most` tries
   * come after the first in any case, and more while the host may be waited for.
   */
  delay(attempt: number, most: number, failed: FailedTry): number | undefined
  /** Notes an answer. */
  heard(method: string, url: string, status: number): void
}
