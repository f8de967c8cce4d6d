import { BlockList, isIP } from 'node:net'

type Env = Readonly<Record<string, string | undefined>>

/**
 * The proxy a URL is asked through, by `https_proxy`, `http_proxy` and `no_proxy` (also in capitals), after the rules of Go's httpproxy:
 * a proxy without a scheme is an http one, and loopback is never asked through one.
 */
export function proxyFor(url: URL, env: Env): URL | undefined {
  const name = url.protocol === 'https:' ? 'https_proxy' : 'http_proxy'
  const proxy = pick(env, name)
  if (proxy === '' || isLoopback(host(url)) || isExempt(url, pick(env, 'no_proxy')))
    return undefined
  const text = proxy.includes('://') ? proxy : `http://${proxy}`
  return URL.canParse(text) ? new URL(text) : undefined
}

const pick = (env: Env, name: string): string => env[name] ?? env[name.toUpperCase()] ?? ''

const host = (url: URL): string => url.hostname.replace(/^\[|\]$/g, '')

/** Whether a host (a URL's, brackets removed) is this machine itself. */
export function isLoopback(name: string): boolean {
  return name === 'localhost' || name === '::1' || (isIP(name) === 4 && name.startsWith('127.'))
}

// no_proxy: `*`, or hosts and domains (with what is below them), addresses, address ranges; each may name a port.
function isExempt(url: URL, list: string): boolean {
  const port = url.port || (url.protocol === 'https:' ? '443' : '80')
  return list
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
    .some((entry) => entry === '*' || matches(entry.toLowerCase(), host(url), port))
}

function matches(entry: string, name: string, port: string): boolean {
  const range = /^(.+)\/(\d+)$/.exec(entry)
  if (range !== null) return inRange(name, range[1]!, Number(range[2]))
  const [, wanted = entry, wantedPort] = /^\[?(.*?)\]?(?::(\d+))?$/.exec(entry) ?? []
  if (isIP(entry) === 6) return entry === name
  if (wantedPort !== undefined && wantedPort !== port) return false
  const domain = wanted.replace(/^\*?\./, '')
  return name === domain || name.endsWith(`.${domain}`)
}

function inRange(name: string, address: string, bits: number): boolean {
  const version = isIP(address)
  if (version === 0 || isIP(name) !== version || bits > (version === 4 ? 32 : 128)) return false
  const type = version === 4 ? 'ipv4' : 'ipv6'
  const range = new BlockList()
  range.addSubnet(address, bits, type)
  return range.check(name, type)
}
