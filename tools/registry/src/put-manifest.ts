import {
  WaybillError,
  header,
  isDigest,
  isWaybillError,
  isWorthRetrying,
  waitForHost,
  type Descriptor,
  type HttpResponse,
} from '@waybill/core'
import { askRegistry } from './ask.ts'
import { answerError, type RegistryErrorEntry } from './errors.ts'
import { digestByHead } from './absence.ts'
import { getManifest, manifestUrl } from './find-manifest.ts'
import { writeScope, type RepositoryClient } from './place.ts'

export interface PutManifest {
  readonly descriptor: Descriptor
  readonly bytes: Uint8Array
  /** The tag to write it under. @default none, its digest alone */
  readonly tag?: string
}

// Just after an upload some registries do not know the blob yet.
const NOT_YET = new Set(['MANIFEST_BLOB_UNKNOWN', 'BLOB_UNKNOWN'])
const TRIES = 4

/**
 * Stores a manifest, its bytes exactly as they are. Where it is not clear what came of a try, it is looked at before the next.
 * @throws {ERR_TAG_IMMUTABLE} {ERR_READ_BACK} {ERR_UNAUTHORIZED} {ERR_DENIED} {ERR_REGISTRY} {ERR_NETWORK}
 */
export async function putManifest(
  place: RepositoryClient,
  put: PutManifest,
  signal: AbortSignal = place.host.signal,
): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    const { response, error } = await tryPut(place, put, signal)
    if (error === undefined) return
    if (!isTransient(error)) throw await refusal(place, put, error, signal)
    if ((await standing(place, put, signal)) === put.descriptor.digest) return
    const url = manifestUrl(place, referenceOf(put))
    const failed = { method: 'PUT', url, response, error, signal }
    if (!(await waitForHost(place.host.http, attempt, TRIES - 1, failed))) throw error
  }
}

interface Tried {
  readonly response?: HttpResponse
  /** Absent: it was accepted. */
  readonly error?: WaybillError
}

async function tryPut(
  place: RepositoryClient,
  put: PutManifest,
  signal: AbortSignal,
): Promise<Tried> {
  const { descriptor, bytes } = put
  const { repository } = place
  try {
    const response = await askRegistry(place.host, manifestUrl(place, referenceOf(put)), {
      method: 'PUT',
      headers: { 'content-type': descriptor.mediaType },
      body: bytes,
      repository,
      scopes: writeScope(place),
      signal,
      retries: 0,
    })
    const what = `Writing ${place.name}:${referenceOf(put)}`
    if (response.status !== 201) return { response, error: await answerError(response, what) }
    await response.discard()
    assertAccepted(place, put, response)
    return { response }
  } catch (error) {
    if (isWaybillError(error, 'ERR_NETWORK')) return { error }
    throw error
  }
}

const referenceOf = ({ tag, descriptor }: PutManifest): string => tag ?? descriptor.digest

function isTransient(error: WaybillError): boolean {
  if (error.code === 'ERR_NETWORK') return true
  const errors = (error.details['errors'] ?? []) as readonly RegistryErrorEntry[]
  return (
    isWorthRetrying(Number(error.details['status'])) || errors.some((one) => NOT_YET.has(one.code))
  )
}

// A host that says yes to everything is found out by reading back; one that names another digest, at once.
function assertAccepted(place: RepositoryClient, put: PutManifest, response: HttpResponse): void {
  const digest = header(response, 'docker-content-digest')
  const { digest: expected } = put.descriptor
  if (!isDigest(digest) || digest === expected) return
  if (digest.split(':')[0] !== expected.split(':')[0]) return
  throw readBackError(place, referenceOf(put), expected, digest)
}

/** The error for a name that does not stand for what was just written. */
export function readBackError(
  place: Pick<RepositoryClient, 'name'>,
  reference: string,
  expected: string,
  found: string,
): WaybillError {
  return new WaybillError(
    'ERR_READ_BACK',
    `${place.name}:${reference} was written as ${expected}, but reads as ${found}`,
    {
      hint: 'Somebody else wrote it at the same moment, or this host is no registry; look who else publishes there.',
      details: { repository: place.name, reference, expected, found },
    },
  )
}

async function standing(
  place: RepositoryClient,
  put: PutManifest,
  signal: AbortSignal,
): Promise<string | undefined> {
  // A HEAD that answers 404 proves nothing, and neither does one that answers 200 for a digest: what is there is read.
  const looking = digestByHead(place, referenceOf(put), signal).then(
    async (named) =>
      named ?? (await getManifest(place, referenceOf(put), signal))?.descriptor.digest,
  )
  return looking.catch((error: unknown) => {
    if (isWaybillError(error) && error.outcome === 'unknown') return undefined
    throw error
  })
}

// Registries say "immutable" with 400, 403, 409 or 412 and words of their own; what stands there says it surely.
async function refusal(
  place: RepositoryClient,
  put: PutManifest,
  error: WaybillError,
  signal: AbortSignal,
): Promise<WaybillError> {
  if (put.tag === undefined) return error
  const said = JSON.stringify(error.details['errors'] ?? []).toLowerCase()
  const status = Number(error.details['status'])
  if (!/immutab|overwrit|already exist|precondition/.test(said) && ![409, 412].includes(status))
    return error
  const found = await standing(place, put, signal)
  if (found === undefined) return error
  return new WaybillError(
    'ERR_TAG_IMMUTABLE',
    `${place.name}:${put.tag} is immutable and stands at ${found}; ${put.descriptor.digest} was to be written`,
    {
      hint: 'A released version never changes; release the change under a new version.',
      details: { ...error.details, tag: put.tag, expected: put.descriptor.digest, found },
      cause: error,
    },
  )
}
