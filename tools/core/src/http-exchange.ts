import { once } from 'node:events'
import type { ClientRequest, IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { collect } from './bytes.ts'
import { WaybillError, isWaybillError, messageOf } from './error.ts'
import type { Connections } from './http-connection.ts'
import type { HttpRequest, HttpResponse } from './http.ts'
import { cancelled, networkError, shown } from './http-errors.ts'

type Request = HttpRequest & { readonly method: string }

// A longer body costs more to read to its end than a new connection.
const WORTH_DRAINING = 256 * 1024

/** Sends one request once. Rejects with the connection's own error, or a WaybillError where the request's body failed. */
export async function exchange(
  connections: Connections,
  url: string,
  request: Request,
): Promise<HttpResponse> {
  const route = await connections.route(new URL(url))
  const outgoing = route.request({
    ...route.options,
    method: request.method,
    headers: framed(request),
    timeout: connections.timeout,
    ...(request.signal === undefined ? {} : { signal: request.signal }),
  })
  return new Promise((resolve, reject) => {
    let incoming: IncomingMessage | undefined
    outgoing.on('error', reject)
    outgoing.on('socket', guard)
    if (route.proxy !== undefined)
      outgoing.once('proxyConnect', (answer: ProxyAnswer) => {
        const error = refusedBy(route.proxy!, url, answer)
        if (error === undefined) return
        reject(error)
        outgoing.destroy()
      })
    outgoing.on('timeout', () => {
      // A reader that takes its time is no fault of the connection.
      if ((incoming?.readableLength ?? 0) > 0) return
      outgoing.destroy(new Error(`nothing came for ${connections.timeout} ms`))
    })
    outgoing.once('response', (response) => {
      incoming = response
      resolve(asResponse(response, request, url))
    })
    pour(request, outgoing, url).catch((error: Error) => {
      outgoing.destroy(error)
      reject(error)
    })
  })
}

// Aborting while a body is read destroys the socket when Node has taken its own listener off it; the reader learns of it by the body.
const guarded = new WeakSet<object>()

function guard(socket: Duplex): void {
  if (guarded.has(socket)) return
  guarded.add(socket)
  socket.on('error', () => {})
}

interface ProxyAnswer {
  /** Absent where the proxy is asked itself, for http. */
  readonly statusCode?: number
}

// What a proxy answers when it does not connect would otherwise look like the registry's own answer: a 404, and with it "absent".
function refusedBy(
  proxy: string,
  url: string,
  { statusCode = 200 }: ProxyAnswer,
): WaybillError | undefined {
  if (statusCode === 200) return undefined
  const target = new URL(url).host
  const message = `The proxy ${proxy} answered ${statusCode} when asked to connect to ${target}`
  return new WaybillError('ERR_PROXY', message, {
    hint: 'Check https_proxy and no_proxy, and the user and password in the proxy’s address.',
    outcome: 'unknown',
    details: { proxy, target, status: statusCode },
  })
}

function framed(request: Request): Record<string, string> {
  const length = request.body instanceof Uint8Array ? request.body.byteLength : undefined
  return {
    'user-agent': 'waybill',
    ...(length === undefined ? {} : { 'content-length': String(length) }),
    ...request.headers,
  }
}

async function pour(request: Request, outgoing: ClientRequest, url: string): Promise<void> {
  const { body } = request
  if (typeof body !== 'function') return void outgoing.end(body)
  try {
    if (await pourPieces(body(), outgoing)) outgoing.end()
  } catch (error) {
    if (isWaybillError(error)) throw error
    const message = `The body of ${request.method} ${shown(url)} could not be read: ${messageOf(error)}`
    throw new WaybillError('ERR_UNREADABLE', message, { cause: error })
  }
}

// Tells whether everything was sent: a server may answer (no right, too large) long before, and then takes no more.
async function pourPieces(
  pieces: AsyncIterable<Uint8Array>,
  outgoing: ClientRequest,
): Promise<boolean> {
  const announced = Number(outgoing.getHeader('content-length') ?? Number.NaN)
  let sent = 0
  let answered = false
  outgoing.once('response', (response: IncomingMessage) => {
    answered = true
    if (sent < announced) response.once('close', () => outgoing.destroy())
  })
  for await (const piece of pieces) {
    if (outgoing.destroyed || (answered && sent < announced)) return false
    sent += piece.byteLength
    if (!outgoing.write(piece)) await drained(outgoing)
  }
  return !outgoing.destroyed
}

// Until more may be written, or nothing more is wanted. Bare listeners: `once` with a signal makes an error for every one it gives up.
function drained(outgoing: ClientRequest): Promise<void> {
  const events = ['drain', 'close', 'response']
  return new Promise((done) => {
    const settle = (): void => {
      for (const name of events) outgoing.off(name, settle)
      done()
    }
    for (const name of events) outgoing.on(name, settle)
  })
}

function asResponse(incoming: IncomingMessage, request: Request, url: string): HttpResponse {
  const body = pieces(incoming, request, url)
  return {
    status: incoming.statusCode!,
    url,
    headers: headersOf(incoming),
    body,
    bytes: (limit) => collect(body, limit, shown(url)),
    discard: () => discard(incoming, request.method),
  }
}

function headersOf(incoming: IncomingMessage): Record<string, string | string[]> {
  const distinct = Object.entries(incoming.headersDistinct)
  return Object.fromEntries(
    distinct.map(([name, values = []]) => [name, values.length === 1 ? values[0]! : values]),
  )
}

async function* pieces(
  incoming: IncomingMessage,
  { method, signal }: Request,
  url: string,
): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    for await (const piece of incoming) yield piece as Uint8Array
  } catch (error) {
    throw signal?.aborted === true ? cancelled(method, url) : networkError(method, url, error)
  }
}

async function discard(incoming: IncomingMessage, method: string): Promise<void> {
  const announced = method === 'HEAD' ? 0 : Number(incoming.headers['content-length'] ?? 0)
  if (announced > WORTH_DRAINING) incoming.destroy()
  if (incoming.destroyed || incoming.readableEnded) return
  incoming.on('error', () => {})
  incoming.resume()
  await once(incoming, 'close').catch(() => {})
}
