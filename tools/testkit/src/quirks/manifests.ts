import { gzipSync } from 'node:zlib'
import { isDigest } from '@waybill/core'
import { headerOf, problem, withHeader, type RegistryReply } from '../message.ts'
import { codeOf, apiPathOf, reads, taggedBy, without, type Quirk } from './quirk.ts'

const notFound: RegistryReply = {
  status: 404,
  headers: { 'Content-Type': 'text/plain; charset=utf-8' },
  body: Buffer.from('404 page not found\n'),
}

/** There is no referrers API. */
export const hasNoReferrers: Quirk = (next) => async (request) => {
  if (apiPathOf(request.path).kind === 'referrers') return notFound
  return withHeader(await next(request), 'OCI-Subject', undefined)
}

/** There is no referrers API, and yet a pushed subject is acknowledged as if there were. */
export const acknowledgesSubjects: Quirk = (next) => async (request) =>
  apiPathOf(request.path).kind === 'referrers' ? notFound : next(request)

/** Tag parameters are passed over in silence. */
export const ignoresTagParameters: Quirk = (next) => (request) => next(without(request, 'tag'))

/** A manifest is shown to those only whose Accept names its media type; a wildcard is not enough. */
export const wantsExactAccept: Quirk = (next) => async (request) => {
  const reply = await next(request)
  if (!reads(request) || apiPathOf(request.path).kind !== 'manifest' || reply.status !== 200)
    return reply
  const accepted = (request.headers.accept ?? '')
    .split(',')
    .map((type) => type.split(';')[0]!.trim())
  if (accepted.includes(headerOf(reply, 'Content-Type') ?? '')) return reply
  return problem(
    404,
    'MANIFEST_UNKNOWN',
    'OCI manifest found, but accept header does not support OCI manifests',
  )
}

/** Manifests of other media types than images and indexes, and digests other than sha256, are refused. */
export const knowsImagesOnly: Quirk = (next) => async (request) => {
  const { kind, reference } = apiPathOf(request.path)
  if (request.method !== 'PUT' || kind !== 'manifest') return next(request)
  if (isDigest(reference) && !reference.startsWith('sha256:')) {
    return problem(400, 'DIGEST_INVALID', 'provided digest did not match uploaded content')
  }
  const known = /^application\/vnd\.(?:oci\.image|docker\.distribution)\.(?:manifest|index)\./
  if (known.test(request.headers['content-type'] ?? '')) return next(request)
  return problem(400, 'MANIFEST_INVALID', 'manifest invalid')
}

/** What is not there is a missing manifest, never a missing repository. */
export const missesManifestsOnly: Quirk = (next) => async (request) => {
  const reply = await next(request)
  if (codeOf(reply) !== 'NAME_UNKNOWN') return reply
  const { kind } = apiPathOf(request.path)
  if (kind === 'manifest') return problem(404, 'MANIFEST_UNKNOWN', 'manifest unknown')
  return kind === 'blob' ? problem(404, 'BLOB_UNKNOWN', 'blob unknown to registry') : reply
}

/** Names, tags and methods that cannot be lead nowhere, and nowhere is no place of the API. */
export const routesValidOnly: Quirk = (next) => async (request) => {
  const reply = await next(request)
  const code = codeOf(reply)
  const badTag = request.method === 'PUT' && code === 'MANIFEST_UNKNOWN'
  return badTag || code === 'NAME_INVALID' || code === 'UNSUPPORTED'
    ? { ...notFound, status: reply.status === 405 ? 405 : 404 }
    : reply
}

/** HEAD tells the length of the compressed manifest, GET of the manifest. */
export const compressesHeads: Quirk = (next) => async (request) => {
  const reply = await next(request)
  if (request.method !== 'HEAD' || !(reply.body instanceof Uint8Array)) return reply
  return withHeader(reply, 'Content-Length', `${gzipSync(reply.body).byteLength}`)
}

/** Says in its own words that a tag is immutable. */
export const refusesWith =
  (refusal: (name: string, tag: string) => RegistryReply): Quirk =>
  (next) =>
  async (request) => {
    const reply = await next(request)
    const { kind, name, reference } = apiPathOf(request.path)
    const immutable = reply.status === 409 && kind === 'manifest'
    return immutable ? refusal(name, reference) : reply
  }

/** An immutable tag that is there cannot be pushed again, not even as it is. */
export const refusesEqualToo: Quirk = (next, setting) => async (request) => {
  const tag = taggedBy(request)
  const { name } = apiPathOf(request.path)
  if (tag === undefined || !setting.immutable(tag, name)) return next(request)
  const before = await next({ ...request, method: 'HEAD', query: new URLSearchParams() })
  return before.status === 200 ? problem(409, 'DENIED', 'immutable') : next(request)
}
