import { createServer, request as forward, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A plain HTTP proxy in front of one registry that tells of every request before and after it is passed on. */
export interface CountingProxy {
  /** `127.0.0.1:port`. */
  readonly address: string
  close(): void
}

export interface ProxyWatch {
  /** Called before a request is passed on; it is dropped when this returns false. */
  readonly before?: (method: string, path: string) => boolean
  /** Called when the answer has been passed back whole. */
  readonly after?: (method: string, path: string, status: number) => void
}

export async function startProxy(target: string, watch: ProxyWatch): Promise<CountingProxy> {
  const [host, port] = target.split(':')
  const server = createServer((incoming, outgoing) => {
    const { method = 'GET', url = '/' } = incoming
    if (watch.before?.(method, url) === false) return void incoming.socket.destroy()
    const headers = { ...incoming.headers, host: incoming.headers.host }
    const onward = forward(
      { host, port, method, path: url, headers },
      (answer: IncomingMessage) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
        answer.pipe(outgoing)
        answer.once('end', () => watch.after?.(method, url, answer.statusCode ?? 502))
      },
    )
    onward.once('error', () => outgoing.destroy())
    incoming.pipe(onward)
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    address,
    close: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}
