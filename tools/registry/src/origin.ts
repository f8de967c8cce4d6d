import { WaybillError, assertMayFollow, isLoopback } from '@waybill/core'

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
