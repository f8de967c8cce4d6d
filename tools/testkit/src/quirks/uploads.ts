import { empty, headerOf, problem, withHeader, type RegistryReply } from '../message.ts'
import { apiPathOf, reads, without, type Quirk } from './quirk.ts'

/** Mounts are passed over: an upload begins instead. */
export const mountsNothing: Quirk = (next) => (request) => next(without(request, 'mount', 'from'))

/** A mount has to say from where; without it an upload begins. */
export const mountsFromOnly: Quirk = (next) => (request) =>
  next(request.query.has('from') ? request : without(request, 'mount'))

/** A mount that cannot be done is refused, where others begin an upload. */
export const refusesMounts =
  (refusal: RegistryReply, when: 'always' | 'without-from' = 'always'): Quirk =>
  (next) =>
  async (request) => {
    if (!request.query.has('mount')) return next(request)
    if (when === 'without-from') return request.query.has('from') ? next(request) : refusal
    const reply = await next(request)
    return reply.status === 202 ? refusal : reply
  }

/** A blob is pushed in two requests at least; with one, an upload begins. */
export const ignoresSinglePost: Quirk = (next) => async (request) => {
  const begins = request.method === 'POST' && apiPathOf(request.path).kind === 'upload'
  return next(begins ? without(request, 'digest', 'digest-algorithm') : request)
}

/** Chunks with a Content-Range can be so large and no larger; a body without one may be of any size. */
export const limitsChunks =
  (bytes: number): Quirk =>
  (next) =>
  async (request) => {
    const { headers, path } = request
    const chunk = headers['content-range'] !== undefined && apiPathOf(path).kind === 'upload'
    if (!chunk || Number(headers['content-length'] ?? 0) <= bytes) return next(request)
    return problem(416, 'BLOB_UPLOAD_INVALID', 'the chunk is too large')
  }

/** Of several chunks the first is kept, the others are answered as if they were; and every answer is 201. */
export const keepsFirstChunk: Quirk = (next) => {
  const begun = new Set<string>()
  return async (request) => {
    const { kind, reference } = apiPathOf(request.path)
    if (request.method !== 'PATCH' || kind !== 'upload') return next(request)
    if (!begun.has(reference)) {
      begun.add(reference)
      const reply = await next(request)
      return reply.status === 202 ? { ...reply, status: 201 } : reply
    }
    let size = 0
    for await (const chunk of request.body) size += chunk.byteLength
    const state = await next({ ...request, method: 'GET' })
    return { ...state, status: 201 }
  }
}

/** A location that is not the last one given is no upload at all. */
export const forgetsLocations: Quirk = (next) => async (request) => {
  const reply = await next(request)
  return reply.status === 416 && apiPathOf(request.path).kind === 'upload'
    ? problem(404, 'BLOB_UPLOAD_INVALID', 'blob upload invalid')
    : reply
}

/** Chunks are appended wherever they say they belong; one that is not application/octet-stream is an error of the server. */
export const appendsAnyChunk: Quirk = (next) => async (request) => {
  const { 'content-range': _range, ...headers } = request.headers
  const { kind, reference } = apiPathOf(request.path)
  if (kind !== 'upload' || reference === '') return next(request)
  const type = headers['content-type'] ?? 'application/octet-stream'
  return request.method === 'PATCH' && type !== 'application/octet-stream'
    ? problem(500, 'UNKNOWN', 'unknown error')
    : next({ ...request, headers })
}

/** Locations are whole addresses. */
export const locatesAbsolutely: Quirk = (next) => async (request) => {
  const reply = await next(request)
  const location = headerOf(reply, 'Location')
  if (location === undefined || !location.startsWith('/')) return reply
  return withHeader(reply, 'Location', `${request.origin}${location}`)
}

const SIGNATURE = 'X-Amz-Signature=5ca1ab1e'

/** Blobs are got from another server, by an address that carries its own permission. */
export const redirectsBlobs: Quirk =
  (next, { storage }) =>
  async (request) => {
    const { kind, name, reference } = apiPathOf(request.path)
    const reply = await next(request)
    if (request.method !== 'GET' || kind !== 'blob' || reply.status >= 300) return reply
    const Location = `${storage()}/_storage/${name}/blobs/${reference}?${SIGNATURE}`
    return empty(307, { Location, 'Docker-Content-Digest': reference })
  }

/** That other server: it gives blobs, to who has the address's permission and shows no other beside it. */
export const servesStorage: Quirk = (next) => async (request) => {
  const path = request.path.replace('/_storage/', '/v2/')
  if (request.headers.authorization !== undefined) return xml(400, 'InvalidArgument')
  const permitted = request.target.endsWith(SIGNATURE) && reads(request)
  if (!permitted || apiPathOf(path).kind !== 'blob') return xml(403, 'AccessDenied')
  return next({ ...request, path })
}

function xml(status: number, code: string): RegistryReply {
  const message = 'Only one auth mechanism allowed'
  const body = Buffer.from(`<Error><Code>${code}</Code><Message>${message}</Message></Error>`)
  return { status, headers: { 'Content-Type': 'application/xml' }, body }
}
