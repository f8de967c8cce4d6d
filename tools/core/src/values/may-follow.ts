import { BlockList, isIP } from 'node:net'
import { WaybillError } from './error.ts'

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
  const isSame = to.host === from.host && to.protocol === from.protocol
  if (isSame && to.username + to.password === '') return
  const why = reasonAgainst(from, to)
  if (why === undefined) return
  throw new WaybillError(
    'ERR_FORBIDDEN_ADDRESS',
    `${from.host}: its ${what} names ${to.protocol}//${to.host}, ${why}`,
    {
      hint: 'A server that is meant to do this is misconfigured; one that is not may be hostile. Nothing was sent there.',
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
