import {
  MANIFEST_SHAPE,
  algorithmOf,
  collect,
  createDigester,
  isDigest,
  isWaybillError,
  messageOf,
  parseJson,
  type Digest,
} from '@waybill/core'
import { empty, problem, type RegistryReply, type RegistryRequest } from '../message.ts'
import type { StoredManifest } from '../store/store.ts'
import {
  guessType,
  isKnownType,
  needsOf,
  readManifest,
  subjectOf,
  type ManifestBody,
} from './manifest.ts'
import { isTag, mayNotChange } from './replies.ts'
import type { Desk } from './route.ts'

const LIMIT = 4 * 1024 * 1024

interface Target {
  readonly name: string
  /** A tag or a digest. */
  readonly reference: string
}

/** Takes a manifest: end-7a by tag or digest, end-7b by digest with `?tag=` parameters. */
export async function putManifest(
  desk: Desk,
  request: RegistryRequest,
  target: Target,
): Promise<RegistryReply> {
  const bytes = await receive(request, desk.options.manifestLimit ?? LIMIT)
  if (bytes === undefined) return problem(413, 'SIZE_INVALID', 'the manifest is too large')
  const body = readManifest(bytes)
  const manifest = name(bytes, target.reference, typeOf(request, body))
  const byDigest = isDigest(target.reference)
  const tags = byDigest ? request.query.getAll('tag') : [target.reference]
  const refused =
    checkBody(target, manifest, body) ??
    checkKeys(desk, manifest) ??
    (await checkNeeds(desk, target, body)) ??
    (await checkTags(desk, target, { tags, digest: manifest.digest }))
  if (refused !== undefined) return refused
  const subject = subjectOf(body)
  await desk.store.addManifest(target.name, manifest, subject)
  for (const tag of tags) await desk.store.setTag(target.name, tag, manifest.digest)
  return empty(201, {
    Location: `/v2/${target.name}/manifests/${manifest.digest}`,
    'Docker-Content-Digest': manifest.digest,
    ...(subject === undefined ? {} : { 'OCI-Subject': subject }),
    ...(byDigest && tags.length > 0 ? { 'OCI-Tag': tags } : {}),
  })
}

async function receive(request: RegistryRequest, limit: number): Promise<Uint8Array | undefined> {
  try {
    return await collect(request.body, limit, 'the manifest')
  } catch (error) {
    if (isWaybillError(error, 'ERR_TOO_LARGE')) return undefined
    throw error
  }
}

function name(bytes: Uint8Array, reference: string, mediaType: string): StoredManifest {
  const digester = createDigester(isDigest(reference) ? algorithmOf(reference) : 'sha256')
  digester.update(bytes)
  return { digest: digester.digest(), mediaType, bytes }
}

function typeOf(request: RegistryRequest, body: ManifestBody | undefined): string {
  const declared = request.headers['content-type']?.split(';')[0]?.trim()
  return declared === undefined || declared === '' ? guessType(body) : declared
}

function checkBody(
  { reference }: Target,
  { digest, mediaType }: StoredManifest,
  body: ManifestBody | undefined,
): RegistryReply | undefined {
  if (isDigest(reference) && digest !== reference) {
    return problem(400, 'DIGEST_INVALID', `expected ${reference}, found ${digest}`)
  }
  if (!isKnownType(mediaType)) return undefined
  if (body === undefined) return problem(400, 'MANIFEST_INVALID', 'the manifest is no JSON object')
  const inside = body.mediaType ?? mediaType
  if (inside === mediaType) return undefined
  const found = `mediaType ${JSON.stringify(inside)} in the manifest, Content-Type ${mediaType}`
  return problem(400, 'MANIFEST_INVALID', found)
}

// What one client reads as one image and another as another is nobody's.
function checkKeys(
  { options }: Desk,
  { mediaType, bytes }: StoredManifest,
): RegistryReply | undefined {
  if (options.ambiguous === true || !isKnownType(mediaType)) return undefined
  try {
    parseJson(bytes, 'the manifest', MANIFEST_SHAPE)
    return undefined
  } catch (error) {
    return problem(400, 'MANIFEST_INVALID', messageOf(error))
  }
}

async function checkNeeds(
  { store, options }: Desk,
  target: Target,
  body: ManifestBody | undefined,
): Promise<RegistryReply | undefined> {
  const needs = needsOf(body)
  if (needs === undefined) return problem(400, 'MANIFEST_INVALID', 'a descriptor has no digest')
  if (options.sparse === true) return undefined
  for (const digest of needs.blobs) {
    if ((await store.blobSize(target.name, digest)) === undefined) return absent('blob', digest)
  }
  for (const digest of needs.manifests) {
    if (!(await store.hasManifest(target.name, digest))) return absent('manifest', digest)
  }
  return undefined
}

const absent = (what: string, digest: Digest): RegistryReply =>
  problem(400, 'MANIFEST_BLOB_UNKNOWN', `the ${what} ${digest} is not in this repository`)

interface Tagging {
  readonly tags: readonly string[]
  readonly digest: Digest
}

async function checkTags(
  { store, options }: Desk,
  target: Target,
  { tags, digest }: Tagging,
): Promise<RegistryReply | undefined> {
  for (const tag of tags) {
    if (!isTag(tag)) return problem(400, 'TAG_INVALID', `"${tag}" is no tag`)
    const before = await store.tag(target.name, tag)
    if (before === undefined || before === digest) continue
    if (options.immutable?.(tag, target.name) ?? false) return mayNotChange(target.name, tag)
  }
  return undefined
}
