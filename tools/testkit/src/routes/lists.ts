import { compareText, isDigest } from '@waybill/core'
import { json, problem, type RegistryReply, type RegistryRequest } from '../message.ts'
import type { Store } from '../store/store.ts'
import { readManifest, referrerOf } from './manifest.ts'
import { invalidDigest, notAllowed, unknownName } from './replies.ts'
import type { RouteHandler } from './route.ts'

const INDEX = 'application/vnd.oci.image.index.v1+json'

/** The tags of a repository, by `n` and `last`: end-8. */
export function tagsRoute(store: Store): RouteHandler {
  return async (request, name) => {
    if (request.method !== 'GET') return notAllowed('GET')
    if (!(await store.has(name))) return unknownName(name)
    return page(request, await store.tags(name), (tags) => ({ name, tags }))
  }
}

/** Every repository; no part of the specification, but asked for by many tools. */
export async function catalog(store: Store, request: RegistryRequest): Promise<RegistryReply> {
  return page(request, await store.repositories(), (repositories) => ({ repositories }))
}

function page(
  request: RegistryRequest,
  names: readonly string[],
  wrap: (names: readonly string[]) => unknown,
): RegistryReply {
  const asked = request.query.get('n')
  if (asked !== null && !/^\d{1,9}$/.test(asked)) {
    return problem(400, 'UNSUPPORTED', `n is a number, found "${asked}"`)
  }
  const last = request.query.get('last')
  const left = last === null ? names : names.filter((name) => compareText(name, last) > 0)
  const shown = asked === null ? left : left.slice(0, Number(asked))
  const more = shown.length > 0 && shown.length < left.length
  return json(wrap(shown), { headers: more ? linkTo(request, shown) : {} })
}

// RFC 8288; relative, as the specification allows.
function linkTo(request: RegistryRequest, shown: readonly string[]): Record<string, string> {
  const query = new URLSearchParams({ n: `${shown.length}`, last: shown.at(-1)! })
  return { Link: `<${request.path}?${query}>; rel="next"` }
}

/** The manifests about a manifest, by `artifactType`: end-12. */
export function referrersRoute(store: Store): RouteHandler {
  return async (request, name, digest) => {
    if (request.method !== 'GET') return notAllowed('GET')
    if (!isDigest(digest)) return invalidDigest(digest)
    const filter = request.query.get('artifactType')
    const found = (await store.referrers(name, digest))
      .map((manifest) => referrerOf(manifest, readManifest(manifest.bytes)))
      .filter((referrer) => filter === null || referrer.artifactType === filter)
    const headers = filter === null ? {} : { 'OCI-Filters-Applied': 'artifactType' }
    const index = { schemaVersion: 2, mediaType: INDEX, manifests: found }
    return json(index, { headers: { 'Content-Type': INDEX, ...headers } })
  }
}
