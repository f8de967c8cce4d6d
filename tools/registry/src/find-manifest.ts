import {
  WaybillError,
  header,
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
import { askRegistry } from './ask.ts'
import { answerError } from './errors.ts'
import { readScope, type RepositoryClient } from './place.ts'

/** All kinds that are read; distribution 2.8 hides what is not named one by one. */
export const ACCEPT: string = [
  mediaTypes.index,
  mediaTypes.manifest,
  mediaTypes.dockerIndex,
  mediaTypes.dockerManifest,
].join(', ')

/** Where a manifest is asked for; a digest's colon stays as it is, as registries write it themselves. */
export const manifestUrl = ({ host, repository }: RepositoryClient, reference: string): string =>
  `${host.origin}/v2/${repository}/manifests/${encodeURIComponent(reference).replace('%3A', ':')}`

/** Asks for a manifest by tag or digest. */
export function askManifest(
  place: RepositoryClient,
  reference: string,
  method: 'GET' | 'HEAD',
  signal?: AbortSignal,
): Promise<HttpResponse> {
  const { repository } = place
  const headers = { accept: ACCEPT }
  const scopes = readScope(place)
  return askRegistry(place.host, manifestUrl(place, reference), {
    method,
    headers,
    repository,
    scopes,
    signal,
  })
}

/** A manifest, and what describes it. */
export interface FoundManifest {
  readonly descriptor: Descriptor
  readonly bytes: Uint8Array
}

/**
 * Whether content that is named by its digest is here, by HEAD, or by GET and hashing where HEAD does not name it; undefined where the
 * registry answers 404. Everything else (401, 403, 5xx) is an error. HEAD's length is not looked at: Harbor's is that of a compressed
 * answer. Whether a tag is absent is for `findTag` to say.
 */
export async function findManifest(
  place: RepositoryClient,
  reference: string,
  signal?: AbortSignal,
): Promise<Digest | undefined> {
  const response = await askManifest(place, reference, 'HEAD', signal)
  await response.discard()
  if (response.status === 404) return undefined
  const digest = header(response, 'docker-content-digest')
  if (response.status !== 200 || !isDigest(digest))
    return (await getManifest(place, reference, signal))?.descriptor.digest
  if (isDigest(reference) && reference !== digest)
    throw digestMismatch(place.name, reference, digest)
  return digest
}

/** A manifest by tag or digest, whole; undefined where the registry answers 404. @throws {ERR_DIGEST_MISMATCH} {ERR_REGISTRY} */
export async function getManifest(
  place: RepositoryClient,
  reference: string,
  signal?: AbortSignal,
): Promise<FoundManifest | undefined> {
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
