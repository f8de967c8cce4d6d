import { createServer } from 'node:http'
import { connect, type AddressInfo } from 'node:net'

export interface ConnectProxy {
  readonly address: string
  /** What it was asked: `CONNECT host:port`, `GET http://…`. */
  readonly seen: readonly string[]
  close(): void
}

/** A proxy that wants `user:password`, answers http itself, and connects every host name with the same port of 127.0.0.1. */
export async function startConnectProxy(user?: string): Promise<ConnectProxy> {
  const seen: string[] = []
  const allowed = (header: string | undefined): boolean =>
    user === undefined || header === `Basic ${Buffer.from(user).toString('base64')}`
  const server = createServer((request, response) => {
    seen.push(`${request.method} ${request.url}`)
    if (!allowed(request.headers['proxy-authorization'])) return response.writeHead(407).end()
    return response.end('through the proxy')
  })
  server.on('connect', (request, socket) => {
    seen.push(`CONNECT ${request.url}`)
    if (!allowed(request.headers['proxy-authorization']))
      return socket.end('HTTP/1.1 407 No\r\ncontent-length: 0\r\n\r\n')
    const target = connect(Number(request.url!.split(':')[1]), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connected\r\n\r\n')
      socket.pipe(target).pipe(socket)
    })
    target.on('error', () => socket.destroy())
    return target
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    close: () => server.close().closeAllConnections(),
  }
}
