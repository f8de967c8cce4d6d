import { WaybillError, isLoopback } from '@waybill/core'
import { BlockList, isIP } from 'node:net'

/** The host that answers for a registry; Docker Hub's has a name of its own. */
export function hostOf(registry: string): string {
  return registry === 'docker.io' ? 'registry-1.docker.io' : registry
}

/** Where a registry is asked: http on loopback and on hosts named in `plainHttp`, https everywhere else. */
export function originOf(registry: string, plainHttp: readonly string[] = []): string {
  const host = hostOf(registry)
  const name = new URL(`http://${host}`).hostname.replace(/^\[|\]$/g, '')
  return `${isLoopback(name) || plainHttp.includes(registry) ? 'http' : 'https'}://${host}`
}

// Addresses a public server has no business to send anybody to: RFC 6890.
const ranges: readonly (readonly [string, number, 'ipv4' | 'ipv6'])[] = [
  ['0.0.0.0', 8, 'ipv4'],
  ['10.0.0.0', 8, 'ipv4'],
  ['100.64.0.0', 10, 'ipv4'],
  ['127.0.0.0', 8, 'ipv4'],
  ['172.16.0.0', 12, 'ipv4'],
  ['192.168.0.0', 16, 'ipv4'],
  ['::', 128, 'ipv6'],
  ['::1', 128, 'ipv6'],
  ['fc00::', 7, 'ipv6'],
]
const inner = new BlockList()
for (const range of ranges) inner.addSubnet(...range)

// Cloud machines answer here with their own credentials; nothing that is published lives there.
const linkLocal = new BlockList()
linkLocal.addSubnet('169.254.0.0', 16, 'ipv4')
linkLocal.addSubnet('fe80::', 10, 'ipv6')

const nameOf = (url: URL): string => url.hostname.replace(/^\[|\]$/g, '')

function within(list: BlockList, name: string): boolean {
  const version = isIP(name)
  return version !== 0 && list.check(name, version === 4 ? 'ipv4' : 'ipv6')
}

const isInner = (url: URL): boolean =>
  within(inner, nameOf(url)) || /(?:^|\.)localhost\.?$/.test(nameOf(url))

/**
 * Checks an address that a server names (a redirect, an upload's Location, a token realm) before it is asked: no step down from https,
 * none from a public host into a private network, never to a link-local address.
 * @throws {ERR_FORBIDDEN_ADDRESS}
 */
export function assertMayFollow(from: URL, to: URL, what: string): void {
  if (to.host === from.host && to.protocol === from.protocol) return
  const why = reasonAgainst(from, to)
  if (why === undefined) return
  throw new WaybillError(
    'ERR_FORBIDDEN_ADDRESS',
    `${from.host}: its ${what} names ${to.protocol}//${to.host}, ${why}`,
    {
      hint: 'A registry that is meant to do this is misconfigured; one that is not may be hostile. Nothing was sent there.',
      details: { from: from.host, to: to.host, what },
    },
  )
}

function reasonAgainst(from: URL, to: URL): string | undefined {
  if (to.protocol !== 'http:' && to.protocol !== 'https:') return 'which is not http'
  if (to.username !== '' || to.password !== '') return 'with a user and password in it'
  if (from.protocol === 'https:' && to.protocol === 'http:') return 'which is not encrypted'
  if (within(linkLocal, nameOf(to))) return 'which is a link-local address'
  if (isInner(to) && !isInner(from)) return 'which is an address inside a private network'
  return undefined
}

/**
 * Resolves a Location against the URL that was asked. Tolerates one without a scheme, and takes `http` for the https host that was asked
 * (a registry behind a proxy that ends TLS) as https.
 * @throws {ERR_FORBIDDEN_ADDRESS} {ERR_REGISTRY} when there is no usable one.
 */
export function resolveLocation(location: string, asked: string, what: string): URL {
  const from = new URL(asked)
  const bare = location.startsWith(`${from.host}/`) ? `${from.protocol}//${location}` : location
  if (!URL.canParse(bare, asked)) {
    throw new WaybillError('ERR_REGISTRY', `${from.host}: its ${what} is no address`, {
      details: { from: from.host, what },
    })
  }
  const to = new URL(bare, asked)
  const sameHost = to.hostname === from.hostname && ['', '80', from.port].includes(to.port)
  if (from.protocol === 'https:' && to.protocol === 'http:' && sameHost) {
    to.protocol = from.protocol
    to.port = from.port
  }
  assertMayFollow(from, to, what)
  return to
}
