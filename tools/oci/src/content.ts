import {
  WaybillError,
  collect,
  mapLimit,
  type Content,
  type ContentItem,
  type Descriptor,
} from '@waybill/core'
import { DEEPEST, createBudget, tooDeep } from './budget.ts'
import { childrenOf, mediaTypeOf, MANIFEST_LIMIT } from './manifest.ts'
import { isIndexType, isManifestType } from './media-types.ts'
import type { FetchOptions, Source } from './source.ts'

/** Reads one item of some content; a content's `read` and a source's `fetch` both do. */
export type ReadItem = (descriptor: Descriptor) => AsyncIterable<Uint8Array>

/** Reads a manifest whole. @throws {ERR_TOO_LARGE} {ERR_DIGEST_MISMATCH} {ERR_INVALID_IMAGE} when it says it is something else than its descriptor does. */
export async function readManifestBytes(
  read: ReadItem,
  descriptor: Descriptor,
): Promise<Uint8Array> {
  const bytes = await collect(read(descriptor), MANIFEST_LIMIT, descriptor.digest)
  const said = mediaTypeOf(bytes, descriptor.digest)
  if (said === descriptor.mediaType) return bytes
  throw new WaybillError(
    'ERR_INVALID_IMAGE',
    `${descriptor.digest}: named as ${descriptor.mediaType}, but it says ${said}`,
    { details: { digest: descriptor.digest, expected: descriptor.mediaType, found: said } },
  )
}

/**
 * Lists everything that belongs to an index or manifest, reading manifests alone; blobs are read from the source when asked for.
 * @throws {ERR_CONTENT_MISSING} {ERR_DIGEST_MISMATCH} {ERR_INVALID_IMAGE} {ERR_TOO_LARGE}
 */
export async function loadContent(
  source: Source,
  descriptor: Descriptor,
  options: FetchOptions = {},
): Promise<Content> {
  const origins = source.origin === undefined ? {} : { origins: [source.origin] }
  const read: ReadItem = (item) => source.fetch(item, options)
  const manifests = new Map<string, ContentItem>()
  const blobs = new Map<string, ContentItem>()

  const early = new Map<string, Promise<Uint8Array>>()
  const isUnread = (one: Descriptor): boolean =>
    isManifestType(one.mediaType) && !manifests.has(one.digest)
  const budget = createBudget(descriptor)
  // Children are asked for side by side, and taken in their order.
  const readOnce = async (one: Descriptor): Promise<Uint8Array> => {
    const known = early.get(one.digest)
    if (known !== undefined) return known
    budget.take(one)
    const bytes = readManifestBytes(read, one)
    early.set(one.digest, bytes)
    return bytes
  }

  async function visit(one: Descriptor, depth: number): Promise<void> {
    if (manifests.has(one.digest)) return
    if (depth > DEEPEST && isIndexType(one.mediaType)) throw tooDeep(one)
    const bytes = await readOnce(one)
    const children = childrenOf(bytes, one.mediaType, one.digest)
    await mapLimit(children.manifests.filter(isUnread), 8, readOnce)
    for (const child of children.manifests) {
      if (isManifestType(child.mediaType)) await visit(child, depth + 1)
      else blobs.set(child.digest, { descriptor: child, ...origins })
    }
    budget.list([...children.manifests, ...children.blobs])
    for (const blob of children.blobs) blobs.set(blob.digest, { descriptor: blob, ...origins })
    early.delete(one.digest)
    manifests.set(one.digest, { descriptor: one, ...origins })
  }

  await visit(descriptor, 0)
  return {
    subject: descriptor,
    manifests: [...manifests.values()],
    blobs: [...blobs.values()],
    read,
  }
}

/** Writes content to a target, parts before wholes, a few blobs at once. */
export async function pushContent(
  content: Content,
  push: (descriptor: Descriptor, open: () => AsyncIterable<Uint8Array>) => Promise<void>,
): Promise<void> {
  await mapLimit(content.blobs, 4, ({ descriptor }) =>
    push(descriptor, () => content.read(descriptor)),
  )
  for (const { descriptor } of content.manifests)
    await push(descriptor, () => content.read(descriptor))
}
