import { isDigest, type Digest } from '@waybill/core'
import { empty, problem, type RegistryReply, type RegistryRequest } from '../message.ts'
import type { Store } from '../store/store.ts'
import { parseRange } from './range.ts'
import { invalidDigest, notAllowed, unknownName } from './replies.ts'
import type { RouteHandler } from './route.ts'

/** GET, HEAD and DELETE of a blob: end-2, end-10. */
export function blobRoutes(store: Store): RouteHandler {
  return async (request, name, digest) => {
    if (!isDigest(digest)) return invalidDigest(digest)
    if (request.method === 'DELETE') return remove(store, name, digest)
    if (request.method !== 'GET' && request.method !== 'HEAD')
      return notAllowed('GET, HEAD, DELETE')
    const size = await store.blobSize(name, digest)
    return size === undefined
      ? missing(store, name, digest)
      : send(store, request, { name, digest, size })
  }
}

interface Blob {
  readonly name: string
  readonly digest: Digest
  readonly size: number
}

function send(store: Store, request: RegistryRequest, { name, digest, size }: Blob): RegistryReply {
  const headers = {
    'Content-Type': 'application/octet-stream',
    'Docker-Content-Digest': digest,
    'Accept-Ranges': 'bytes',
    ETag: `"${digest}"`,
  }
  const range = request.method === 'GET' ? parseRange(request.headers.range, size) : undefined
  if (range === 'invalid') {
    return problem(416, 'SIZE_INVALID', `the blob has ${size} bytes`, {
      'Content-Range': `bytes */${size}`,
    })
  }
  if (range === undefined) {
    const body = store.readBlob(name, digest)
    return { status: 200, headers: { ...headers, 'Content-Length': `${size}` }, body }
  }
  return {
    status: 206,
    headers: {
      ...headers,
      'Content-Length': `${range.end - range.start + 1}`,
      'Content-Range': `bytes ${range.start}-${range.end}/${size}`,
    },
    body: store.readBlob(name, digest, range),
  }
}

async function remove(store: Store, name: string, digest: Digest): Promise<RegistryReply> {
  if (await store.removeBlob(name, digest)) return empty(202)
  return missing(store, name, digest)
}

async function missing(store: Store, name: string, digest: Digest): Promise<RegistryReply> {
  if (!(await store.has(name))) return unknownName(name)
  return problem(404, 'BLOB_UNKNOWN', `blob ${digest} is not in ${name}`)
}
