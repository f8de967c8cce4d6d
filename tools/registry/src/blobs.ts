import {
  WaybillError,
  header,
  isWaybillError,
  verified,
  type Descriptor,
  type HttpResponse,
} from '@waybill/core'
import { askRegistry } from './ask.ts'
import { answerError } from './errors.ts'
import { readScope, type RepositoryClient } from './place.ts'

const urlOf = ({ host, repository }: RepositoryClient, descriptor: Descriptor): string =>
  `${host.origin}/v2/${repository}/blobs/${descriptor.digest}`

/**
 * Whether a blob is here. Another answer than 200 and 404 (a 401 or 403, as some registries say of what they lack) is an error.
 * @throws {ERR_UNAUTHORIZED} {ERR_DENIED} {ERR_REGISTRY} {ERR_NETWORK} {ERR_DIGEST_MISMATCH} when its size is not the descriptor's.
 */
export async function hasBlob(
  place: RepositoryClient,
  descriptor: Descriptor,
  signal?: AbortSignal,
): Promise<boolean> {
  const { repository } = place
  const scopes = readScope(place)
  const url = urlOf(place, descriptor)
  const response = await askRegistry(place.host, url, {
    method: 'HEAD',
    repository,
    scopes,
    signal,
  })
  if (response.status === 404) return discarded(response, false)
  if (response.status !== 200)
    throw await answerError(response, `Looking for ${descriptor.digest} in ${place.name}`)
  await response.discard()
  const length = header(response, 'content-length')
  if (length === undefined || header(response, 'content-encoding') !== undefined) return true
  if (Number(length) === descriptor.size) return true
  throw new WaybillError(
    'ERR_DIGEST_MISMATCH',
    `${place.name}: ${descriptor.digest} is ${length} bytes there, expected ${descriptor.size}`,
    { details: { where: place.name, expectedSize: descriptor.size, foundSize: Number(length) } },
  )
}

async function discarded(response: HttpResponse, result: boolean): Promise<boolean> {
  await response.discard()
  return result
}

// A broken connection in the middle of a large layer is taken up again where it broke.
const MAX_BREAKS = 3

/**
 * Reads a blob, size and digest checked; takes a broken download up again.
 * @throws {ERR_CONTENT_MISSING} {ERR_DIGEST_MISMATCH} {ERR_NETWORK}
 */
export function fetchBlob(
  place: RepositoryClient,
  descriptor: Descriptor,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
  return verified(descriptor, pieces(place, descriptor, signal), place.name)
}

async function* pieces(
  place: RepositoryClient,
  descriptor: Descriptor,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
  let from = 0
  for (let breaks = 0; ; breaks++) {
    try {
      const response = await getBlob(place, descriptor, from, signal)
      for await (const piece of response.status === 206 ? response.body : after(response, from)) {
        from += piece.byteLength
        yield piece
      }
      return
    } catch (error) {
      if (!isWaybillError(error, 'ERR_NETWORK') || breaks >= MAX_BREAKS) throw error
    }
  }
}

async function* after(response: HttpResponse, start: number): AsyncGenerator<Uint8Array> {
  let position = 0
  for await (const piece of response.body) {
    const rest = piece.subarray(Math.max(0, start - position))
    position += piece.byteLength
    if (rest.byteLength > 0) yield rest
  }
}

async function getBlob(
  place: RepositoryClient,
  descriptor: Descriptor,
  from: number,
  signal?: AbortSignal,
): Promise<HttpResponse> {
  const response = await askRegistry(place.host, urlOf(place, descriptor), {
    headers: { accept: '*/*', ...(from === 0 ? {} : { range: `bytes=${from}-` }) },
    repository: place.repository,
    scopes: readScope(place),
    signal,
  })
  if (response.status === 200) return response
  const range = header(response, 'content-range') ?? ''
  if (from > 0 && response.status === 206 && range.startsWith(`bytes ${from}-`)) return response
  if (response.status !== 404)
    throw await answerError(response, `Reading ${descriptor.digest} of ${place.name}`)
  await response.discard()
  throw new WaybillError(
    'ERR_CONTENT_MISSING',
    `${place.name}: ${descriptor.digest} is not there`,
    {
      hint: 'The image is incomplete there; push it again.',
      details: { where: place.name, digest: descriptor.digest },
    },
  )
}
