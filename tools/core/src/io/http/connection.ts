// node:http itself, not a client library: loading undici takes 100 ms (its agent alone 30 ms), node:http 5 ms, and a whole
// publish has some 200 requests, whose handling costs less than that difference. Agents for proxies are loaded only when one is set.
import type { Agent, RequestOptions } from 'node:http'
import type * as Http from 'node:http'
import type * as Https from 'node:https'
import type { SecureContext } from 'node:tls'
import { proxyFor } from './proxy.ts'
import type { HttpClientOptions } from '../../ports/http.ts'

/** How a URL is reached: the module that speaks its scheme, and the request's first options. */
export interface ConnectionRoute {
  readonly request: typeof Http.request
  readonly options: RequestOptions
  /** The proxy's host, where there is one. */
  readonly proxy?: string
}

export interface Connections {
  route(url: URL): Promise<ConnectionRoute>
  /** Milliseconds of silence after which a connection counts as broken. */
  readonly timeout: number
  close(): void
}

interface Opened {
  readonly http: typeof Http
  readonly https: typeof Https
  readonly tls: { readonly secureContext?: SecureContext }
}

// Enough for all HEAD requests of a base at once, few enough for registries that count connections.
const POOL = { keepAlive: true, maxSockets: 16, scheduling: 'lifo' } as const

/** Opens the pools: one for each scheme and proxy, each with its connections by host. */
export async function openConnections(options: HttpClientOptions): Promise<Connections> {
  const [http, https] = await Promise.all([import('node:http'), import('node:https')])
  const opened = { http, https, tls: await tlsOptions(options.ca) }
  const agents = new Map<string, Promise<Agent>>()
  return {
    async route(url) {
      const proxy = proxyFor(url, options.env ?? {})
      const key = `${url.protocol} ${proxy?.href ?? ''}`
      const opening = agents.get(key) ?? openAgent(url, proxy, opened)
      agents.set(key, opening)
      return routeTo(url, await opening, proxy, opened)
    },
    timeout: options.timeout ?? 60_000,
    close: () => {
      for (const opening of agents.values()) void opening.then((agent) => agent.destroy())
    },
  }
}

function routeTo(
  url: URL,
  agent: Agent,
  proxy: URL | undefined,
  { http, https, tls }: Opened,
): ConnectionRoute {
  const secure = url.protocol === 'https:'
  return {
    request: secure ? https.request : http.request,
    options: { ...addressOf(url), ...(secure ? tls : {}), agent },
    ...(proxy === undefined ? {} : { proxy: proxy.host }),
  }
}

async function openAgent(url: URL, proxy: URL | undefined, opened: Opened): Promise<Agent> {
  const secure = url.protocol === 'https:'
  const { http, https, tls } = opened
  if (proxy === undefined) return secure ? new https.Agent(POOL) : new http.Agent(POOL)
  if (!secure) {
    const { HttpProxyAgent } = await import('http-proxy-agent')
    return new HttpProxyAgent(proxy, { ...POOL, ...tls })
  }
  const { HttpsProxyAgent } = await import('https-proxy-agent')
  return new HttpsProxyAgent(proxy, { ...POOL, ...tls })
}

function addressOf(url: URL): RequestOptions {
  const standard = url.protocol === 'https:' ? 443 : 80
  return {
    protocol: url.protocol,
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: Number(url.port) || standard,
    path: url.pathname + url.search,
  }
}

// One context for all connections: making it anew for each would parse some 150 certificates each time.
async function tlsOptions(ca: string | undefined): Promise<Opened['tls']> {
  if (ca === undefined) return {}
  const tls = await import('node:tls')
  const builtIn =
    'getCACertificates' in tls
      ? (tls.getCACertificates as () => string[])()
      : [...tls.rootCertificates]
  return { secureContext: tls.createSecureContext({ ca: [...builtIn, ca] }) }
}
