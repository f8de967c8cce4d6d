import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { isWaybillError, messageOf, WaybillError } from '@waybill/core'
import { parseAddress } from './address.ts'
import { problem, type Handler, type RegistryReply, type RegistryRequest } from './message.ts'

export interface ListenOptions {
  /** `host:port`, `:port` or `port`; port 0 takes a free one. @default '127.0.0.1:0' */
  readonly listen?: string | undefined
  /** Serves https with this key and certificate, both PEM. */
  readonly tls?: { readonly key: string; readonly cert: string } | undefined
}

export interface Listening {
  /** `host:port`. */
  readonly address: string
  /** Ends every connection and frees the port. */
  close(): Promise<void>
}

const PATIENCE = 65_000

/**
 * Serves a handler over HTTP.
 * @throws {ERR_PORT_IN_USE} {ERR_CANNOT_LISTEN} {ERR_INVALID_ADDRESS}
 */
export async function listen(handler: Handler, options: ListenOptions = {}): Promise<Listening> {
  const { host, port } = parseAddress(options.listen ?? '127.0.0.1:0')
  const onRequest = (incoming: IncomingMessage, outgoing: ServerResponse): void =>
    void respond(handler, incoming, outgoing)
  const { tls } = options
  const server = tls === undefined ? createServer(onRequest) : createTlsServer(tls, onRequest)
  server.requestTimeout = 0 // a large blob may take its time
  server.keepAliveTimeout = PATIENCE // longer than clients keep idle connections, so that none is closed under their hands
  await bind(server, host, port)
  const bound = server.address() as AddressInfo
  const shown = bound.family === 'IPv6' ? `[${bound.address}]` : bound.address
  return { address: `${shown}:${bound.port}`, close: () => close(server) }
}

function bind(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => reject(listenError(error, `${host}:${port}`)))
    server.listen(port, host, resolve)
  })
}

function listenError(error: NodeJS.ErrnoException, address: string): WaybillError {
  const inUse = error.code === 'EADDRINUSE'
  return new WaybillError(
    inUse ? 'ERR_PORT_IN_USE' : 'ERR_CANNOT_LISTEN',
    inUse
      ? `Something else is listening on ${address}`
      : `Cannot listen on ${address}: ${error.message}`,
    {
      hint: 'Choose another port, or port 0 for any that is free.',
      details: { address },
      cause: error,
    },
  )
}

async function close(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  server.closeAllConnections()
  await closed
}

async function respond(
  handler: Handler,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  try {
    const request = toRequest(incoming)
    const reply = request === undefined ? badTarget() : await answer(handler, request)
    await send(reply, incoming.method ?? 'GET', outgoing)
    incoming.resume()
  } catch {
    outgoing.destroy() // the client went away, or what was being sent cannot be read any more
  }
}

// A handler that fails is an error of the registry, not of the client.
async function answer(handler: Handler, request: RegistryRequest): Promise<RegistryReply> {
  try {
    return await handler(request)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ECONNRESET') throw error
    const full = isWaybillError(error, 'ERR_DISK_FULL')
    return problem(full ? 507 : 500, 'UNKNOWN', full ? 'no space left' : messageOf(error))
  }
}

const badTarget = (): RegistryReply => problem(400, 'UNSUPPORTED', 'the address cannot be read')

function toRequest(incoming: IncomingMessage): RegistryRequest | undefined {
  const target = incoming.url ?? '/'
  const [path = '', ...query] = target.split('?')
  try {
    return {
      method: incoming.method ?? 'GET',
      target,
      path: decodeURIComponent(path),
      query: new URLSearchParams(query.join('?')),
      headers: incoming.headers,
      origin: `${'encrypted' in incoming.socket ? 'https' : 'http'}://${incoming.headers.host}`,
      peerPort: incoming.socket.remotePort,
      // Leaving the body early must not end the connection: the reply has yet to be sent over it.
      body: { [Symbol.asyncIterator]: () => incoming.iterator({ destroyOnReturn: false }) },
    }
  } catch {
    return undefined
  }
}

async function send(reply: RegistryReply, method: string, outgoing: ServerResponse): Promise<void> {
  const body = reply.body ?? new Uint8Array()
  if (reply.cut === 'unsent') {
    if (body instanceof Readable) body.destroy()
    return void outgoing.destroy()
  }
  const fixed = body instanceof Uint8Array
  const length = fixed && reply.body !== undefined ? { 'Content-Length': body.byteLength } : {}
  outgoing.writeHead(reply.status, { ...length, ...(reply.headers as Record<string, string>) })
  if (method === 'HEAD') return void outgoing.end()
  if (reply.cut !== undefined) return sendPart(body, reply.cut, outgoing)
  if (fixed) return void outgoing.end(body)
  await pipeline(Readable.from(body), outgoing)
}

async function sendPart(
  body: Uint8Array | AsyncIterable<Uint8Array>,
  bytes: number,
  outgoing: ServerResponse,
): Promise<void> {
  let left = bytes
  for await (const chunk of body instanceof Uint8Array ? [body] : body) {
    await new Promise((sent) => outgoing.write(chunk.subarray(0, left), sent))
    left -= chunk.byteLength
    if (left <= 0) break
  }
  outgoing.destroy()
}
