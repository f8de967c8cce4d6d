import { scriptedServer, type Asked, type ScriptedServer } from './server.ts'

export interface TokenServer extends ScriptedServer {
  /** The requests to /token. */
  tokens(): URLSearchParams[]
}

/** A registry of one manifest-less repository that wants a Bearer token from itself; `token` answers its token requests. */
export async function tokenServer(
  token: (asked: Asked, query: URLSearchParams) => readonly [number, unknown],
  challenge = (address: string): string | string[] =>
    `Bearer realm="http://${address}/token?via=realm",service="the service"`,
): Promise<TokenServer> {
  const server: ScriptedServer = await scriptedServer((asked, response) => {
    const url = new URL(asked.url, 'http://x')
    if (url.pathname === '/token') {
      const [status, body] = token(asked, url.searchParams)
      return response.writeHead(status).end(typeof body === 'string' ? body : JSON.stringify(body))
    }
    if (/^(?:Bearer good|Basic )/.test(asked.headers.authorization ?? ''))
      return response.writeHead(200).end('{"tags":["ok"]}')
    response.setHeader('www-authenticate', challenge(server.address))
    return response.writeHead(401).end('{"errors":[{"code":"UNAUTHORIZED"}]}')
  })
  const tokens = (): URLSearchParams[] =>
    server.asked
      .map(({ url }) => new URL(url, 'http://x'))
      .filter(({ pathname }) => pathname === '/token')
      .map(({ searchParams }) => searchParams)
  return { ...server, tokens }
}
