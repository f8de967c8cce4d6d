import {
  collect,
  isWaybillError,
  mapLimit,
  type Content,
  type ContentItem,
  type Descriptor,
  type PutReport,
} from '@waybill/core'
import { MANIFEST_LIMIT, isIndexType } from '@waybill/oci'
import { findManifest, getManifest } from './find-manifest.ts'
import { parseReference } from './reference.ts'
import type { RepositoryClient } from './place.ts'
import { putManifest } from './put-manifest.ts'
import { isHere, uploadBlob } from './upload.ts'

export interface PutOptions {
  readonly signal: AbortSignal
  /** Told of bytes as they are sent. */
  readonly onBytes: (count: number) => void
}

/** What `putContent` did, and what need not be looked at again: blobs that were seen, acknowledged or mounted, manifests that were read. */
export interface PutContentResult {
  readonly report: PutReport
  readonly known: ReadonlySet<string>
}

// As many requests as a host has connections; uploads are fewer, they fill the line.
const LOOKS = 16
const UPLOADS = 6

/**
 * Brings content to a repository under no tag: asks first what is there, uploads or mounts the rest, then manifests, children first. What
 * stands under a name, or above, says nothing of what lies below it, so every blob is asked for once.
 */
export async function putContent(
  place: RepositoryClient,
  content: Content,
  options: PutOptions,
): Promise<PutContentResult> {
  const { signal } = options
  const all = [...content.blobs, ...content.manifests]
  const known = new Set<string>()
  const missing = await lookFor(place, content, { known, signal })
  const count = { uploaded: 0, mounted: 0, bytes: 0 }
  const isMissing = ({ descriptor }: ContentItem): boolean => missing.has(descriptor.digest)
  await mapLimit(largestFirst(content.blobs.filter(isMissing)), UPLOADS, async (item) => {
    const open = counted(content, item.descriptor, options.onBytes)
    const from = originIn(place, item)
    const how = await uploadBlob(place, { descriptor: item.descriptor, open, from }, signal)
    known.add(item.descriptor.digest)
    count[how]++
    if (how === 'uploaded') count.bytes += item.descriptor.size
  })
  for (const group of inOrder(content.manifests.filter(isMissing))) {
    await mapLimit(group, UPLOADS, async ({ descriptor }) => {
      const bytes = await collect(content.read(descriptor), MANIFEST_LIMIT, descriptor.digest)
      await putManifest(place, { descriptor, bytes }, signal)
      count.uploaded++
      count.bytes += descriptor.size
    })
  }
  const present = all.length - count.uploaded - count.mounted
  return { report: { ...count, present }, known }
}

interface Look {
  /** Takes what need not be looked at again. */
  readonly known: Set<string>
  readonly signal: AbortSignal
}

/** Asks once for everything; answers the digests that are not there. */
async function lookFor(
  place: RepositoryClient,
  { blobs, manifests }: Content,
  { known, signal }: Look,
): Promise<ReadonlySet<string>> {
  const missing = new Set<string>()
  const subject = manifests.at(-1)!
  // It must be read once in any case, and a HEAD that answers 404 proves nothing (Nexus).
  const looking = isReadable(place, subject.descriptor.digest, signal)
  const lookAtManifest = async ({ descriptor: { digest } }: ContentItem): Promise<void> => {
    // Where the subject stands, what it names mostly does as well, and is read now as it must be once; where it does not, HEAD is enough.
    if (!(await looking)) {
      if (!(await isManifestHere(place, digest, signal))) missing.add(digest)
    } else if (await isReadable(place, digest, signal)) known.add(digest)
    else missing.add(digest)
  }
  const lookAtBlob = async ({ descriptor }: ContentItem): Promise<void> => {
    if (await isHere(place, descriptor, signal)) known.add(descriptor.digest)
    else missing.add(descriptor.digest)
  }
  const looks = [
    ...blobs.map((item) => () => lookAtBlob(item)),
    ...manifests.slice(0, -1).map((item) => () => lookAtManifest(item)),
  ]
  await Promise.all([looking, mapLimit(looks, LOOKS - 1, (look) => look())])
  if (await looking) known.add(subject.descriptor.digest)
  else missing.add(subject.descriptor.digest)
  return missing
}

// What cannot be asked, or is damaged, is written again: content that is named by its digest cannot be overwritten by other content.
async function isManifestHere(
  place: RepositoryClient,
  digest: string,
  signal: AbortSignal,
): Promise<boolean> {
  return quietly(async () => (await findManifest(place, digest, signal)) !== undefined)
}

const isReadable = (
  place: RepositoryClient,
  digest: string,
  signal: AbortSignal,
): Promise<boolean> => quietly(async () => (await getManifest(place, digest, signal)) !== undefined)

async function quietly(asking: () => Promise<boolean>): Promise<boolean> {
  try {
    return await asking()
  } catch (error) {
    if (isWaybillError(error) && error.code !== 'ERR_CANCELLED') return false
    throw error
  }
}

const largestFirst = (items: readonly ContentItem[]): ContentItem[] =>
  items.toSorted((a, b) => b.descriptor.size - a.descriptor.size)

// Image manifests together, then each index in its order: an index may hold another.
function inOrder(manifests: readonly ContentItem[]): (readonly ContentItem[])[] {
  const images = manifests.filter(({ descriptor }) => !isIndexType(descriptor.mediaType))
  const indexes = manifests.filter(({ descriptor }) => isIndexType(descriptor.mediaType))
  return [images, ...indexes.map((index) => [index])]
}

function counted(
  content: Content,
  descriptor: Descriptor,
  onBytes: (count: number) => void,
): () => AsyncIterable<Uint8Array> {
  return async function* () {
    for await (const piece of content.read(descriptor)) {
      onBytes(piece.byteLength)
      yield piece
    }
  }
}

/** The repository of the same registry that a blob can be mounted from. */
function originIn(place: RepositoryClient, { origins = [] }: ContentItem): string | undefined {
  for (const origin of origins) {
    const { registry, repository } = parseReference(origin)
    if (registry === place.host.registry && repository !== place.repository) return repository
  }
  return undefined
}
