// node:http itself, not a client library: loading undici takes 100 ms (its agent alone 30 ms), node:http 5 ms, and a whole
// publish has some 200 requests, whose handling costs less than that difference.
import type { Agent, RequestOptions } from 'node:http'
import type * as Http from 'node:http'
import type * as Https from 'node:https'
import type { Duplex } from 'node:stream'
import { WaybillError } from './error.ts'
import type { HttpClientOptions } from './http.ts'
import { proxyFor } from './http-proxy.ts'

/** How a URL is reached: the module that speaks its scheme, and the request's first options. */
export interface Route {
  readonly request: typeof Http.request
  readonly options: RequestOptions
}

export interface Connections {
  route(url: URL): Route
  /** Milliseconds of silence after which a connection counts as broken. */
  readonly timeout: number
  close(): void
}

interface Modules {
  readonly http: typeof Http
  readonly https: typeof Https
  readonly tls: Record<string, unknown>
}

// Enough for all HEAD requests of a base at once, few enough for registries that count connections.
const POOL = { keepAlive: true, maxSockets: 16, scheduling: 'lifo' } as const

/** Opens the pools: one for each scheme and proxy, each with its connections by host. */
export async function openConnections(options: HttpClientOptions): Promise<Connections> {
  const [http, https] = await Promise.all([import('node:http'), import('node:https')])
  const modules = { http, https, tls: await tlsOptions(options.ca) }
  const agents = new Map<string, Agent>()
  const agent = (key: string, make: () => Agent): Agent => {
    const known = agents.get(key) ?? make()
    agents.set(key, known)
    return known
  }
  return {
    route: (url) => routeTo(url, proxyFor(url, options.env ?? {}), modules, agent),
    timeout: options.timeout ?? 60_000,
    close: () => agents.forEach((one) => one.destroy()),
  }
}

function routeTo(
  url: URL,
  proxy: URL | undefined,
  { http, https, tls }: Modules,
  agent: (key: string, make: () => Agent) => Agent,
): Route {
  const direct = { ...addressOf(url), path: url.pathname + url.search }
  if (url.protocol === 'https:') {
    const make = (): Agent =>
      proxy === undefined
        ? new https.Agent({ ...POOL, ...tls })
        : tunnel(proxy, { http, https, tls })
    const pool = agent(`https ${proxy?.href ?? ''}`, make)
    return { request: https.request, options: { ...direct, agent: pool } }
  }
  const pool = agent('http', () => new http.Agent(POOL))
  if (proxy === undefined) return { request: http.request, options: { ...direct, agent: pool } }
  // Absolute form: RFC 9112 section 3.2.2.
  const headers = { host: url.host, ...authorization(proxy) }
  const toProxy = { ...addressOf(proxy), path: url.href, headers }
  return proxy.protocol === 'https:'
    ? {
        request: https.request,
        options: { ...toProxy, agent: agent('proxy', () => new https.Agent({ ...POOL, ...tls })) },
      }
    : { request: http.request, options: { ...toProxy, agent: pool } }
}

function addressOf(url: URL): { host: string; port: number } {
  const standard = url.protocol === 'https:' ? 443 : 80
  return { host: url.hostname.replace(/^\[|\]$/g, ''), port: Number(url.port) || standard }
}

function authorization(proxy: URL): Record<string, string> {
  if (proxy.username === '') return {}
  const user = `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`
  return { 'proxy-authorization': `Basic ${Buffer.from(user).toString('base64')}` }
}

// An agent that reaches every host through the proxy's CONNECT: RFC 9110 section 9.3.6.
function tunnel(proxy: URL, modules: Modules): Agent {
  const agent = new modules.https.Agent(POOL)
  const connect = (target: ConnectTarget, done: Connected): undefined => {
    openTunnel(proxy, target, modules).then((socket) => done(null, socket), done)
  }
  return Object.assign(agent, { createConnection: connect })
}

interface ConnectTarget {
  readonly host: string
  readonly port: number
  readonly servername?: string
}

type Connected = (error: unknown, socket?: Duplex) => void

async function openTunnel(
  proxy: URL,
  target: ConnectTarget,
  { http, https, tls }: Modules,
): Promise<Duplex> {
  const { connect } = await import('node:tls')
  const authority = `${target.host.includes(':') ? `[${target.host}]` : target.host}:${target.port}`
  const asked = (proxy.protocol === 'https:' ? https : http).request({
    ...addressOf(proxy),
    ...tls,
    method: 'CONNECT',
    path: authority,
    headers: { host: authority, ...authorization(proxy) },
    agent: false,
  })
  return new Promise((resolve, reject) => {
    asked.once('error', reject)
    asked.once('connect', (response, socket) => {
      if (response.statusCode === 200) {
        const name = target.servername === undefined ? {} : { servername: target.servername }
        return resolve(connect({ ...tls, ...name, socket, ALPNProtocols: ['http/1.1'] }))
      }
      socket.destroy()
      reject(refused(proxy, authority, response.statusCode ?? 0))
    })
    asked.end()
  })
}

function refused(proxy: URL, authority: string, status: number): WaybillError {
  return new WaybillError(
    'ERR_PROXY',
    `The proxy ${proxy.host} answered ${status} when asked to connect to ${authority}`,
    {
      hint: 'Check https_proxy and no_proxy, and the user and password in the proxy’s address.',
      outcome: 'unknown',
      details: { proxy: proxy.host, target: authority, status },
    },
  )
}

// One context for all connections: making it anew for each would parse some 150 certificates each time.
async function tlsOptions(ca: string | undefined): Promise<Record<string, unknown>> {
  if (ca === undefined) return {}
  const tls = await import('node:tls')
  const builtIn =
    'getCACertificates' in tls
      ? (tls.getCACertificates as () => string[])()
      : [...tls.rootCertificates]
  return { secureContext: tls.createSecureContext({ ca: [...builtIn, ca] }) }
}
