import {
  collect,
  mapLimit,
  type Content,
  type ContentItem,
  type Descriptor,
  type PutReport,
} from '@waybill/core'
import { MANIFEST_LIMIT, isIndexType, isManifestType } from '@waybill/oci'
import { findManifest } from './find-manifest.ts'
import { parseReference } from './reference.ts'
import type { Place } from './place.ts'
import { putManifest } from './put-manifest.ts'
import { isHere, uploadBlob } from './upload.ts'

export interface PutOptions {
  readonly signal: AbortSignal
  /** Told of bytes as they are sent. */
  readonly onBytes: (count: number) => void
}

/** What `putContent` did, and the digests it saw stand there (a subject that stands answers for all). */
export interface PutContentResult {
  readonly report: PutReport
  readonly standing: ReadonlySet<string>
}

// As many requests as a host has connections; uploads are fewer, they fill the line.
const LOOKS = 16
const UPLOADS = 6

/** Brings content to a repository under no tag: asks first what is there, uploads or mounts the rest, then manifests, children first. */
export async function putContent(
  place: Place,
  content: Content,
  options: PutOptions,
): Promise<PutContentResult> {
  const { signal } = options
  const { descriptor: subject } = content.manifests.at(-1)!
  const all = [...content.blobs, ...content.manifests]
  if ((await findManifest(place, subject.digest, signal)) !== undefined) return unchanged(all)
  const parts = all.filter(({ descriptor }) => descriptor.digest !== subject.digest)
  const standing = await lookFor(place, parts, signal)
  const isMissing = ({ descriptor }: ContentItem): boolean => !standing.has(descriptor.digest)
  const count = { uploaded: 0, mounted: 0, bytes: 0 }
  await mapLimit(largestFirst(content.blobs.filter(isMissing)), UPLOADS, async (item) => {
    const open = counted(content, item.descriptor, options.onBytes)
    const from = originIn(place, item)
    const how = await uploadBlob(place, { descriptor: item.descriptor, open, from }, signal)
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
  return { report: { ...count, present }, standing }
}

// A registry takes an index only when all below it is there, so one that stands answers for everything.
function unchanged(all: readonly ContentItem[]): PutContentResult {
  const standing = new Set(all.map(({ descriptor }) => descriptor.digest))
  return { report: { uploaded: 0, mounted: 0, present: all.length, bytes: 0 }, standing }
}

async function lookFor(
  place: Place,
  all: readonly ContentItem[],
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  const standing = new Set<string>()
  await mapLimit(all, LOOKS, async ({ descriptor }) => {
    const here = isManifestType(descriptor.mediaType)
      ? (await findManifest(place, descriptor.digest, signal)) !== undefined
      : await isHere(place, descriptor, signal)
    if (here) standing.add(descriptor.digest)
  })
  return standing
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
function originIn(place: Place, { origins = [] }: ContentItem): string | undefined {
  for (const origin of origins) {
    const { registry, repository } = parseReference(origin)
    if (registry === place.host.registry && repository !== place.repository) return repository
  }
  return undefined
}
