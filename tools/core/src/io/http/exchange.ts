import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { WaybillError } from '../../values/error.ts'
import { asResponse } from './answer.ts'
import type { Connections } from './connection.ts'
import { createStepTimer, type StepTimer } from './pace.ts'
import { pour, type NamedRequest } from './sending.ts'
import type { HttpResponse } from '../../ports/http.ts'

/** Sends one request once, answer and body bounded as `http-pace.ts` says. Rejects with the connection's own error, or a WaybillError where the request's body failed. */
export async function exchange(
  connections: Connections,
  url: string,
  request: NamedRequest,
): Promise<HttpResponse> {
  const route = await connections.route(new URL(url))
  const outgoing = route.request({
    ...route.options,
    method: request.method,
    headers: framed(request),
    timeout: connections.timeout,
    ...(request.signal === undefined ? {} : { signal: request.signal }),
  })
  const window = connections.timeout
  return new Promise((resolve, reject) => {
    let incoming: IncomingMessage | undefined
    const patience = createStepTimer((reason) => outgoing.destroy(new Error(reason)))
    outgoing.on('error', reject)
    outgoing.on('socket', guard)
    outgoing.once('close', patience.stop)
    outgoing.once('socket', (socket) => limitOpening(socket as Opening, window, patience))
    outgoing.once('finish', () => {
      if (incoming === undefined) patience.allow(window)
    })
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
      patience.stop()
      resolve(asResponse(response, { request, url, window }))
    })
    pour(request, outgoing, { url, window, patience }).catch((error: Error) => {
      outgoing.destroy(error)
      reject(error)
    })
  })
}

type Opening = Socket & { readonly secureConnecting?: boolean }

// Counted from here, not from the request: a pool may let it wait its turn, which is not the server's fault.
function limitOpening(socket: Opening, window: number, patience: StepTimer): void {
  if (!socket.connecting && socket.secureConnecting !== true) return
  patience.allow(window)
  socket.once('encrypted' in socket ? 'secureConnect' : 'connect', patience.stop)
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

function framed(request: NamedRequest): Record<string, string> {
  const length = request.body instanceof Uint8Array ? request.body.byteLength : undefined
  return {
    'user-agent': 'waybill',
    ...(length === undefined ? {} : { 'content-length': String(length) }),
    ...request.headers,
  }
}
