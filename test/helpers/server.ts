import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
} from 'node:http'
import type { AddressInfo } from 'node:net'

/** What a scripted server was asked, in the order of arrival. */
export interface Asked {
  readonly method: string
  /** Path and query. */
  readonly url: string
  readonly headers: IncomingMessage['headers']
  readonly body: Buffer
}

export interface ScriptedServer {
  /** `127.0.0.1:port`. */
  readonly address: string
  readonly asked: Asked[]
  /** The asked as `METHOD /path`, for a comparison at a glance. */
  lines(): string[]
  close(): Promise<void>
}

/** Answers every request, its body read, by a function; one that throws answers 500 with the message. */
export async function scriptedServer(
  answer: (asked: Asked, response: ServerResponse) => unknown,
  options: { readonly host?: string } = {},
): Promise<ScriptedServer> {
  const asked: Asked[] = []
  const listener: RequestListener = (request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('error', () => {})
    request.on('end', () => {
      const { method = '', url = '', headers } = request
      const one = { method, url, headers, body: Buffer.concat(chunks) }
      asked.push(one)
      Promise.resolve()
        .then(() => answer(one, response))
        .catch((error: Error) => response.writeHead(500).end(error.message))
    })
  }
  const server = createServer(listener)
  await new Promise<void>((done) => server.listen(0, options.host ?? '127.0.0.1', done))
  const { port } = server.address() as AddressInfo
  return {
    address: `${options.host ?? '127.0.0.1'}:${port}`,
    asked,
    lines: () => asked.map(({ method, url }) => `${method} ${url}`),
    close: () =>
      new Promise((done) => {
        server.close(() => done())
        server.closeAllConnections()
      }),
  }
}
