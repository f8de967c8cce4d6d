import {
  WaybillError,
  isDigest,
  isWaybillError,
  mapLimit,
  type Descriptor,
  type Digest,
  type NamedDigest,
} from '@waybill/core'
import { isIndexType, isManifestType, parseIndex, parseManifest } from '@waybill/oci'
import { hasBlob } from './blobs.ts'
import { getManifest } from './find-manifest.ts'
import type { RepositoryClient } from './place.ts'

const LOOKS = 16
// More than any real index holds.
const MAX_MANIFESTS = 10_000

interface Walk {
  readonly place: RepositoryClient
  readonly signal: AbortSignal
  /** Everything below each manifest that was read; undefined where it is not there. */
  readonly manifests: Map<string, Promise<readonly Descriptor[] | undefined>>
}

/**
 * What is gone below each of several digests, the digest itself included: every manifest is read and hashed once, every blob is asked
 * for once, whatever names it. Only digests that lack something are answered.
 * @throws {ERR_UNAUTHORIZED} {ERR_DENIED} {ERR_REGISTRY} {ERR_NETWORK} {ERR_TOO_LARGE}
 */
export async function missingBelow(
  place: RepositoryClient,
  digests: readonly NamedDigest[],
  signal: AbortSignal,
): Promise<ReadonlyMap<NamedDigest, readonly Digest[]>> {
  const walk = { place, signal, manifests: new Map() }
  const subjects = [...new Set(digests.filter(isDigest))]
  const below = await mapLimit(subjects, LOOKS / 2, (digest) => reach(walk, digest))
  const blobs = new Map(
    below.flatMap(({ blobs: found }) => found.map((blob) => [blob.digest, blob] as const)),
  )
  const gone = new Set<string>()
  await mapLimit([...blobs.values()], LOOKS, async (blob) => {
    if (!(await isWhole(place, blob, signal))) gone.add(blob.digest)
  })
  const found = subjects.map((subject, index) => {
    const { missing, blobs: own } = below[index]!
    const lost = own.map(({ digest }) => digest).filter((digest) => gone.has(digest))
    return [subject, [...new Set([...missing, ...lost])]] as const
  })
  return new Map(found.filter(([, missing]) => missing.length > 0))
}

interface Reached {
  readonly missing: readonly Digest[]
  readonly blobs: readonly Descriptor[]
}

async function reach(walk: Walk, subject: Digest): Promise<Reached> {
  const missing: Digest[] = []
  const blobs: Descriptor[] = []
  const seen = new Set<string>()
  let level: readonly Digest[] = [subject]
  while (level.length > 0) {
    for (const digest of level) seen.add(digest)
    if (seen.size > MAX_MANIFESTS) throw tooMany(walk.place, subject)
    const read = await mapLimit(level, LOOKS / 2, (digest) => children(walk, digest))
    const next = new Set<Digest>()
    for (const [index, found] of read.entries()) {
      if (found === undefined) missing.push(level[index]!)
      for (const child of found ?? []) {
        if (!isManifestType(child.mediaType)) blobs.push(child)
        else if (!seen.has(child.digest)) next.add(child.digest)
      }
    }
    level = [...next]
  }
  return { missing, blobs }
}

function children(walk: Walk, digest: Digest): Promise<readonly Descriptor[] | undefined> {
  const known = walk.manifests.get(digest) ?? readChildren(walk, digest)
  walk.manifests.set(digest, known)
  return known
}

async function readChildren(
  { place, signal }: Walk,
  digest: Digest,
): Promise<readonly Descriptor[] | undefined> {
  const found = await unlessDamaged(getManifest(place, digest, signal))
  if (found === undefined) return undefined
  const { bytes, descriptor } = found
  if (isIndexType(descriptor.mediaType)) return parseIndex(bytes, digest).manifests
  const { config, layers } = parseManifest(bytes, digest)
  return [config, ...layers].filter((blob) => !isElsewhere(blob))
}

async function isWhole(
  place: RepositoryClient,
  blob: Descriptor,
  signal: AbortSignal,
): Promise<boolean> {
  return (await unlessDamaged(hasBlob(place, blob, signal))) === true
}

// What stands with other bytes, or of another length, is gone as well.
async function unlessDamaged<Found>(asking: Promise<Found>): Promise<Found | undefined> {
  try {
    return await asking
  } catch (error) {
    if (isWaybillError(error, 'ERR_DIGEST_MISMATCH')) return undefined
    throw error
  }
}

// Layers that may not be distributed are where their `urls` say: OCI image-spec, layer.md#non-distributable-layers.
function isElsewhere({ mediaType }: Descriptor): boolean {
  return mediaType.includes('.nondistributable.') || mediaType.includes('.foreign.')
}

function tooMany({ name }: RepositoryClient, digest: string): WaybillError {
  return new WaybillError(
    'ERR_TOO_LARGE',
    `${name}: ${digest} leads to more than ${MAX_MANIFESTS} manifests`,
  )
}
