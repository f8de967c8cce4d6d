import {
  isWaybillError,
  isWorthRetrying,
  waitForHost,
  type Descriptor,
  type HttpResponse,
  type WaybillError,
} from '@waybill/core'
import { askRegistry } from './ask.ts'
import { scopeOf, unionOf } from './auth/scopes.ts'
import { hasBlob } from './blobs.ts'
import { answerError } from './errors.ts'
import { writeScope, type RepositoryClient } from './place.ts'
import { putChunks } from './upload-chunks.ts'
import {
  nextSession,
  openSession,
  sendTo,
  withDigest,
  type BlobToUpload,
  type Session,
} from './upload-session.ts'

const TRIES = 4
// A whole blob in one request is too much for a proxy in between, or the registry wants pieces.
const WANTS_CHUNKS = new Set([413, 416])

/**
 * Uploads a blob, or mounts it; a try whose end is unclear is looked at before the next.
 * @throws {ERR_UNAUTHORIZED} {ERR_DENIED} {ERR_REGISTRY} {ERR_NETWORK}
 */
export async function uploadBlob(
  place: RepositoryClient,
  blob: BlobToUpload,
  signal: AbortSignal = place.host.signal,
): Promise<'uploaded' | 'mounted'> {
  let session = blob.from === undefined ? undefined : await mount(place, blob, blob.from, signal)
  if (session === 'mounted') return 'mounted'
  for (let attempt = 0; ; attempt++) {
    session ??= await openSession(place, signal)
    const { response, error } = await tryPut(session, blob, signal)
    if (error === undefined) return 'uploaded'
    if (await isHere(place, blob.descriptor, signal)) return 'uploaded'
    if (!mayHelp(error)) throw error
    const failed = { method: 'PUT', url: session.url.href, response, error, signal }
    if (!(await waitForHost(place.host.http, attempt, TRIES - 1, failed))) throw error
    session = undefined
  }
}

interface Tried {
  readonly response?: HttpResponse
  /** Absent: the blob was accepted. */
  readonly error?: WaybillError
}

async function tryPut(session: Session, blob: BlobToUpload, signal: AbortSignal): Promise<Tried> {
  try {
    let response = await putWhole(session, blob, signal)
    if (WANTS_CHUNKS.has(response.status)) {
      await response.discard()
      response = await putChunks(await openSession(session.place, signal), blob, signal)
    }
    const what = `Uploading ${blob.descriptor.digest} to ${session.place.name}`
    if (response.status !== 201) return { response, error: await answerError(response, what) }
    await response.discard()
    return { response }
  } catch (error) {
    if (isWaybillError(error, 'ERR_NETWORK')) return { error }
    throw error
  }
}

// A token may run out while the body is sent (401), a session may be lost by one of several servers (404, BLOB_UPLOAD_…).
function mayHelp(error: WaybillError): boolean {
  const status = Number(error.details['status'])
  return error.code === 'ERR_NETWORK' || isWorthRetrying(status) || [400, 401, 404].includes(status)
}

// What cannot be asked (some registries answer 401 or 403 for what they lack) is uploaded again: a blob can't be overwritten by another.
export async function isHere(
  place: RepositoryClient,
  descriptor: Descriptor,
  signal?: AbortSignal,
): Promise<boolean> {
  return hasBlob(place, descriptor, signal).catch((error: unknown) => {
    if (isWaybillError(error) && error.code !== 'ERR_CANCELLED') return false
    throw error
  })
}

// Monolithic: POST, then PUT. OCI distribution-spec, "Pushing a blob monolithically".
function putWhole(
  session: Session,
  blob: BlobToUpload,
  signal: AbortSignal,
): Promise<HttpResponse> {
  const url = withDigest(session, blob.descriptor)
  const length = String(blob.descriptor.size)
  return sendTo({ ...session, url }, signal, {
    method: 'PUT',
    headers: { 'content-type': 'application/octet-stream', 'content-length': length },
    body: () => blob.open(),
  })
}

// 201: mounted. 202: an upload was opened instead, which is used. Anything else: not possible here.
async function mount(
  place: RepositoryClient,
  blob: BlobToUpload,
  from: string,
  signal: AbortSignal,
): Promise<Session | 'mounted' | undefined> {
  const query = new URLSearchParams({ mount: blob.descriptor.digest, from })
  const url = `${place.host.origin}/v2/${place.repository}/blobs/uploads/?${query}`
  const response = await askRegistry(place.host, url, {
    method: 'POST',
    body: new Uint8Array(0),
    repository: place.repository,
    scopes: unionOf(writeScope(place), scopeOf(from, 'pull')),
    signal,
    retries: 3,
  }).catch((error: unknown) => {
    // A token for both repositories may be refused where one for each is given.
    if (isWaybillError(error, 'ERR_UNAUTHORIZED') || isWaybillError(error, 'ERR_DENIED'))
      return undefined
    throw error
  })
  if (response === undefined) return undefined
  await response.discard()
  if (response.status === 201) return 'mounted'
  return response.status === 202 ? nextSession(place, response) : undefined
}
