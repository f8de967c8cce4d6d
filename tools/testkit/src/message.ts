import type { IncomingHttpHeaders } from 'node:http'

/** A request as handlers see it: nothing of sockets. */
export interface RegistryRequest {
  readonly method: string
  /** Path and query as they were sent. */
  readonly target: string
  /** The path, percent-decoded. */
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: IncomingHttpHeaders
  /** `http://host:port`, or https, as the client knows this server. */
  readonly origin: string
  /** The port of the client's end of the connection. */
  readonly peerPort: number | undefined
  /** What the client's token allows, as `name:action`; undefined where tokens are not asked for. */
  readonly rights?: readonly string[]
  /** Can be read once; what is left unread is drained after the reply. */
  readonly body: AsyncIterable<Uint8Array>
}

/** What a handler answers. */
export interface RegistryReply {
  readonly status: number
  readonly headers?: Readonly<Record<string, string | readonly string[]>>
  /** A stream needs its Content-Length among the headers. Left out for HEAD by the transport. */
  readonly body?: Uint8Array | AsyncIterable<Uint8Array>
  /** Breaks the connection: before anything is sent, or after this many bytes of the body. */
  readonly cut?: 'unsent' | number
}

/** Answers a request. Faults, quirks, logging and authentication are handlers around a handler. */
export type Handler = (request: RegistryRequest) => Promise<RegistryReply>

/** A handler made of a handler. */
export type Wrapper = (next: Handler) => Handler

/** The error codes of the distribution specification (`Error Codes`), and some that registries add. */
export type ProblemCode =
  | 'BLOB_UNKNOWN'
  | 'BLOB_UPLOAD_INVALID'
  | 'BLOB_UPLOAD_UNKNOWN'
  | 'DIGEST_INVALID'
  | 'MANIFEST_BLOB_UNKNOWN'
  | 'MANIFEST_INVALID'
  | 'MANIFEST_UNKNOWN'
  | 'NAME_INVALID'
  | 'NAME_UNKNOWN'
  | 'SIZE_INVALID'
  | 'NOT_FOUND'
  | 'PRECONDITION'
  | 'TAG_INVALID'
  | 'UNAUTHORIZED'
  | 'DENIED'
  | 'UNSUPPORTED'
  | 'TOOMANYREQUESTS'
  | 'UNKNOWN'

/** An error reply, its body as the specification wants it. */
export function problem(
  status: number,
  code: ProblemCode,
  message: string,
  headers: RegistryReply['headers'] = {},
): RegistryReply {
  return json({ errors: [{ code, message, detail: null }] }, { status, headers })
}

interface JsonOptions {
  /** @default 200 */
  readonly status?: number
  readonly headers?: RegistryReply['headers']
}

/** A reply with a JSON body. */
export function json(value: unknown, options: JsonOptions = {}): RegistryReply {
  return {
    status: options.status ?? 200,
    headers: { 'Content-Type': 'application/json', ...options.headers },
    body: Buffer.from(JSON.stringify(value)),
  }
}

/** A reply without a body. */
export function empty(status: number, headers: RegistryReply['headers'] = {}): RegistryReply {
  return { status, headers: { 'Content-Length': '0', ...headers } }
}

/** A reply's header, whichever way its name is written. */
export function headerOf(reply: RegistryReply, name: string): string | undefined {
  const entry = Object.entries(reply.headers ?? {}).find(([key]) => same(key, name))
  return entry === undefined ? undefined : [entry[1]].flat().join(', ')
}

/** A reply with a header set, or taken away with undefined. */
export function withHeader(
  reply: RegistryReply,
  name: string,
  value: string | undefined,
): RegistryReply {
  const others = Object.entries(reply.headers ?? {}).filter(([key]) => !same(key, name))
  const set = value === undefined ? [] : [[name, value] as const]
  return { ...reply, headers: Object.fromEntries([...others, ...set]) }
}

const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase()
