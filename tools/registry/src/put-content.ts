import {
  collect,
  mapLimit,
  type Content,
  type ContentItem,
  type Descriptor,
  type PutReport,
} from '@waybill/core'
import { MANIFEST_LIMIT, isIndexType, parseIndex, parseManifest } from '@waybill/oci'
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

/** What `putContent` did, and the digests it saw stand there (a manifest that stands answers for its blobs). */
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
  const standing = new Set<string>()
  const look = async ({ descriptor }: ContentItem): Promise<void> => {
    const found = await findManifest(place, descriptor.digest, signal)
    if (found !== undefined) standing.add(descriptor.digest)
  }
  await mapLimit(content.manifests, LOOKS, look)
  const count = { uploaded: 0, mounted: 0, present: 0, bytes: 0 }
  const missing = content.manifests.filter(({ descriptor }) => !standing.has(descriptor.digest))
  if (missing.length > 0) await markChildren(content, standing)
  await mapLimit(content.blobs, LOOKS, async ({ descriptor }) => {
    if (standing.has(descriptor.digest) || missing.length === 0) return
    if (await isHere(place, descriptor, signal)) standing.add(descriptor.digest)
  })
  const wanted =
    missing.length === 0 ? [] : content.blobs.filter((one) => !standing.has(one.descriptor.digest))
  await mapLimit(largestFirst(wanted), UPLOADS, async (item) => {
    const open = counted(content, item.descriptor, options.onBytes)
    const from = originIn(place, item)
    const how = await uploadBlob(place, { descriptor: item.descriptor, open, from }, signal)
    count[how]++
    if (how === 'uploaded') count.bytes += item.descriptor.size
  })
  for (const group of inOrder(missing)) {
    await mapLimit(group, UPLOADS, async ({ descriptor }) => {
      const bytes = await collect(content.read(descriptor), MANIFEST_LIMIT, descriptor.digest)
      await putManifest(place, { descriptor, bytes }, signal)
      count.uploaded++
      count.bytes += descriptor.size
    })
  }
  const all = content.blobs.length + content.manifests.length
  return { report: { ...count, present: all - count.uploaded - count.mounted }, standing }
}

const largestFirst = (items: readonly ContentItem[]): ContentItem[] =>
  items.toSorted((a, b) => b.descriptor.size - a.descriptor.size)

// Image manifests together, then each index in its order: an index may hold another.
function inOrder(manifests: readonly ContentItem[]): (readonly ContentItem[])[] {
  const images = manifests.filter(({ descriptor }) => !isIndexType(descriptor.mediaType))
  const indexes = manifests.filter(({ descriptor }) => isIndexType(descriptor.mediaType))
  return [images, ...indexes.map((index) => [index])]
}

// A registry takes a manifest only when its blobs are there, so one that stands answers for them.
async function markChildren(content: Content, standing: Set<string>): Promise<void> {
  const read = (descriptor: Descriptor): Promise<Uint8Array> =>
    collect(content.read(descriptor), MANIFEST_LIMIT, descriptor.digest)
  for (const { descriptor } of content.manifests.toReversed()) {
    if (!standing.has(descriptor.digest)) continue
    for (const child of childrenOf(await read(descriptor), descriptor)) standing.add(child.digest)
  }
}

function childrenOf(bytes: Uint8Array, { mediaType, digest }: Descriptor): readonly Descriptor[] {
  if (isIndexType(mediaType)) return parseIndex(bytes, digest).manifests
  const { config, layers } = parseManifest(bytes, digest)
  return [config, ...layers]
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
