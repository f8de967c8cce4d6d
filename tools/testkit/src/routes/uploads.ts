import { isDigest, type Digest } from '@waybill/core'
import { createKeyedQueue } from '../lock.ts'
import { empty, problem, type RegistryReply, type RegistryRequest } from '../message.ts'
import type { Store } from '../store/store.ts'
import { parseContentRange } from './range.ts'
import { invalidDigest, notAllowed } from './replies.ts'
import type { RouteHandler } from './route.ts'
import { createUploads, isWhole, type Algorithm, type Upload, type Uploads } from './upload.ts'

interface Desk {
  readonly store: Store
  readonly uploads: Uploads
}

/** Everything below `blobs/uploads/`: end-4, end-5, end-6, end-11, end-13, end-14. */
export function uploadRoutes(store: Store): RouteHandler {
  const desk: Desk = { store, uploads: createUploads(store) }
  const lock = createKeyedQueue()
  return async (request, name, id) => {
    if (id === '') return request.method === 'POST' ? post(desk, request, name) : notAllowed('POST')
    return lock(id, async () => {
      const upload = desk.uploads.find(name, id)
      if (upload === undefined) return unknownUpload(id)
      return onUpload(desk, request, upload)
    })
  }
}

async function onUpload(
  desk: Desk,
  request: RegistryRequest,
  upload: Upload,
): Promise<RegistryReply> {
  switch (request.method) {
    case 'PATCH':
      return patch(desk, request, upload)
    case 'PUT':
      return put(desk, request, upload)
    case 'DELETE':
      await desk.uploads.cancel(upload)
      return empty(204)
    case 'GET':
    case 'HEAD':
      return empty(204, whereabouts(upload))
    default:
      return notAllowed('GET, PATCH, PUT, DELETE')
  }
}

async function post(desk: Desk, request: RegistryRequest, name: string): Promise<RegistryReply> {
  const mount = request.query.get('mount')
  if (mount !== null && !isDigest(mount)) return invalidDigest(mount)
  const from = request.query.get('from') ?? undefined
  if (mount !== null && (await desk.store.mountBlob(name, mount, from))) return created(name, mount)
  const digest = request.query.get('digest')
  if (digest !== null && !isDigest(digest)) return invalidDigest(digest)
  const algorithm = request.query.get('digest-algorithm') ?? 'sha256'
  if (!isAlgorithm(algorithm)) return invalidDigest(`${algorithm}:`)
  const upload = await desk.uploads.start(name, algorithm)
  if (digest !== null) return finishAtOnce(desk, request, { upload, digest })
  return empty(202, { ...whereabouts(upload), 'Docker-Upload-UUID': upload.id })
}

async function patch(desk: Desk, request: RegistryRequest, upload: Upload): Promise<RegistryReply> {
  const refused = refusal(request, upload)
  if (refused !== undefined) return refused
  await take(desk, request, upload)
  return empty(202, whereabouts(upload))
}

async function put(desk: Desk, request: RegistryRequest, upload: Upload): Promise<RegistryReply> {
  const digest = request.query.get('digest') ?? ''
  if (!isDigest(digest)) return invalidDigest(digest)
  return refusal(request, upload) ?? finish(desk, request, { upload, digest })
}

async function finish(
  desk: Desk,
  request: RegistryRequest,
  { upload, digest }: { readonly upload: Upload; readonly digest: Digest },
): Promise<RegistryReply> {
  await take(desk, request, upload)
  if (!(await isWhole(upload, digest))) {
    await desk.uploads.cancel(upload)
    return problem(400, 'DIGEST_INVALID', `the uploaded bytes are not ${digest}`)
  }
  desk.uploads.end(upload)
  await desk.store.addBlob(upload.name, digest, upload.staged)
  return created(upload.name, digest)
}

// Nobody knows the way back to an upload that was to be one request.
async function finishAtOnce(
  desk: Desk,
  request: RegistryRequest,
  whole: { readonly upload: Upload; readonly digest: Digest },
): Promise<RegistryReply> {
  try {
    return await finish(desk, request, whole)
  } catch (error) {
    await desk.uploads.cancel(whole.upload)
    throw error
  }
}

// What the client sent before it went away counts, and it may go on from there; what could not be kept ends the upload.
async function take(desk: Desk, request: RegistryRequest, upload: Upload): Promise<void> {
  try {
    await upload.append(request.body)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code !== 'ECONNRESET') await desk.uploads.cancel(upload)
    throw error
  }
}

// Chunks come in order, to the location given last, and are as long as they say.
function refusal(request: RegistryRequest, upload: Upload): RegistryReply | undefined {
  const state = request.query.get('_state')
  if (state !== `${upload.staged.size}`) return outOfOrder(`to ?_state=${state}`, upload)
  const header = request.headers['content-range']
  if (header === undefined) return undefined
  const range = parseContentRange(header)
  if (range === undefined || range.start !== upload.staged.size) {
    return outOfOrder(`as Content-Range ${header}`, upload)
  }
  const length = request.headers['content-length']
  if (length === undefined || Number(length) === range.end - range.start + 1) return undefined
  return problem(400, 'SIZE_INVALID', `Content-Range ${header} does not hold ${length} bytes`)
}

const outOfOrder = (found: string, upload: Upload): RegistryReply =>
  problem(
    416,
    'BLOB_UPLOAD_INVALID',
    `expected what begins at ${upload.staged.size}, found it sent ${found}`,
    whereabouts(upload),
  )

const unknownUpload = (id: string): RegistryReply =>
  problem(404, 'BLOB_UPLOAD_UNKNOWN', `there is no upload ${id}`)

// The query changes with every chunk, as it does elsewhere: clients have to use the location they were given last.
function whereabouts({ id, name, staged }: Upload): Record<string, string> {
  return {
    Location: `/v2/${name}/blobs/uploads/${id}?_state=${staged.size}`,
    Range: `0-${Math.max(0, staged.size - 1)}`,
  }
}

const created = (name: string, digest: Digest): RegistryReply =>
  empty(201, { Location: `/v2/${name}/blobs/${digest}`, 'Docker-Content-Digest': digest })

const isAlgorithm = (text: string): text is Algorithm => text === 'sha256' || text === 'sha512'
