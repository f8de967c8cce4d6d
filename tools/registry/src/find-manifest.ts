import {
  WaybillError,
  collect,
  digestMismatch,
  digestOf,
  isDigest,
  verified,
  type Descriptor,
  type Digest,
  type HttpResponse,
} from '@waybill/core'
import { MANIFEST_LIMIT, isManifestType, mediaTypes } from '@waybill/oci'
import { ask } from './ask.ts'
import { answerError, header } from './errors.ts'
import { readScope, type Place } from './place.ts'

const ACCEPT = [
  mediaTypes.index,
  mediaTypes.manifest,
  mediaTypes.dockerIndex,
  mediaTypes.dockerManifest,
].join(', ')

/** Where a manifest is asked for; a digest's colon stays as it is, as registries write it themselves. */
export const manifestUrl = ({ host, repository }: Place, reference: string): string =>
  `${host.origin}/v2/${repository}/manifests/${encodeURIComponent(reference).replace('%3A', ':')}`

function askManifest(
  place: Place,
  reference: string,
  method: 'GET' | 'HEAD',
  signal?: AbortSignal,
): Promise<HttpResponse> {
  const { repository } = place
  const headers = { accept: ACCEPT }
  const scopes = readScope(place)
  return ask(place.host, manifestUrl(place, reference), {
    method,
    headers,
    repository,
    scopes,
    signal,
  })
}

/**
 * What a tag or digest stands for, by HEAD, or by GET and hashing where HEAD does not say it all; undefined where the registry answers 404.
 * Everything else (401, 403, 5xx) is an error: it does not mean that there is nothing.
 */
export async function findManifest(
  place: Place,
  reference: string,
  signal?: AbortSignal,
): Promise<Descriptor | undefined> {
  const response = await askManifest(place, reference, 'HEAD', signal)
  await response.discard()
  if (response.status === 404) return undefined
  const found = response.status === 200 ? describeHead(response, reference) : undefined
  return found ?? getDescriptor(place, reference, signal)
}

// Registries leave out the digest, the length or the type: old ECR, Nexus, static ones. Harbor's length is that of the compressed answer.
function describeHead(response: HttpResponse, reference: string): Descriptor | undefined {
  const digest = header(response, 'docker-content-digest')
  const mediaType = header(response, 'content-type')?.split(';')[0]!.trim()
  const size = Number(header(response, 'content-length') ?? Number.NaN)
  if (!isDigest(digest) || !isManifestType(mediaType ?? '') || !Number.isSafeInteger(size))
    return undefined
  if (header(response, 'content-encoding') !== undefined || size === 0) return undefined
  if (isDigest(reference) && reference !== digest)
    throw digestMismatch(new URL(response.url).host, reference, digest)
  return { mediaType: mediaType!, digest, size }
}

async function getDescriptor(
  place: Place,
  reference: string,
  signal?: AbortSignal,
): Promise<Descriptor | undefined> {
  const found = await getManifest(place, reference, signal)
  return found?.descriptor
}

/** A manifest by tag or digest, whole; undefined where the registry answers 404. @throws {ERR_DIGEST_MISMATCH} {ERR_REGISTRY} */
export async function getManifest(
  place: Place,
  reference: string,
  signal?: AbortSignal,
): Promise<{ descriptor: Descriptor; bytes: Uint8Array } | undefined> {
  const response = await askManifest(place, reference, 'GET', signal)
  const what = `The manifest ${place.name}:${reference}`
  if (response.status === 404) {
    await response.discard()
    return undefined
  }
  if (response.status !== 200) throw await answerError(response, what)
  const mediaType = header(response, 'content-type')?.split(';')[0]!.trim() ?? ''
  if (!isManifestType(mediaType)) throw await noManifest(response, what, mediaType)
  const bytes = await response.bytes(MANIFEST_LIMIT)
  const digest = digestOf(bytes)
  const said = isDigest(reference) ? reference : header(response, 'docker-content-digest')
  if (said?.startsWith('sha256:') === true && said !== digest)
    throw digestMismatch(what, said, digest)
  if (said?.startsWith('sha512:') !== true)
    return { descriptor: { mediaType, digest, size: bytes.byteLength }, bytes }
  const descriptor = { mediaType, digest: said as Digest, size: bytes.byteLength }
  await collect(verified(descriptor, [bytes], what), MANIFEST_LIMIT, what)
  return { descriptor, bytes }
}

async function noManifest(
  response: HttpResponse,
  what: string,
  mediaType: string,
): Promise<WaybillError> {
  await response.discard()
  return new WaybillError(
    'ERR_REGISTRY',
    `${what} is answered as ${mediaType || 'nothing known'}`,
    {
      hint: 'Either this host is no registry, or the image is of a kind that is not read (schema 1).',
      outcome: 'unknown',
      details: { mediaType },
    },
  )
}
