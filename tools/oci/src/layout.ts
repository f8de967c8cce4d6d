import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import {
  WaybillError,
  canonicalJson,
  isDigest,
  isWaybillError,
  parseJson,
  readFileWhole,
  verified,
  writeFileAtomic,
  type ContextOptions,
  type Descriptor,
  type Digest,
} from '@waybill/core'
import { contentMissing } from './errors.ts'
import { LAYOUT_SHAPE } from './json-shapes.ts'
import { named, resolveName, withEntry } from './layout-index.ts'
import { MANIFEST_LIMIT, mediaTypeOf, parseIndex, type Index } from './manifest.ts'
import { assertName } from './memory.ts'
import { mediaTypes } from './media-types.ts'
import type { Target } from './source.ts'

/** An OCI image layout: a folder of blobs and an index of what they are called. OCI image-spec, image-layout.md. */
export interface Layout extends Target {
  readonly folder: string
  /** What `index.json` says now. */
  readIndex(): Promise<Index>
  /** Lists content in the index, under a name or (at most one) without; the name is taken from whatever had it. @throws {ERR_CONTENT_MISSING} */
  add(descriptor: Descriptor, reference?: string): Promise<void>
}

export interface LayoutOptions extends ContextOptions {
  /** Makes the layout where there is none. @default false */
  readonly create?: boolean
}

// A layout may list many images; what lies in a registry is held to MANIFEST_LIMIT.
const INDEX_LIMIT = 2 * MANIFEST_LIMIT

const EMPTY = { schemaVersion: 2, mediaType: mediaTypes.index, manifests: [] }

/**
 * Opens a layout. The reference '' stands for its only image.
 * @throws {ERR_NOT_A_LAYOUT}
 */
export async function openLayout(folder: string, options: LayoutOptions = {}): Promise<Layout> {
  await checkMarker(folder, options.create ?? false)
  const place = (digest: Digest): string => join(folder, 'blobs', ...digest.split(':'))
  const readIndex = async (): Promise<Index> => {
    const path = join(folder, 'index.json')
    return parseIndex(await readFileWhole(path, { limit: INDEX_LIMIT }), path)
  }
  // One change after the other: two at once would each keep only their own.
  let turn: Promise<unknown> = Promise.resolve()

  async function list(descriptor: Descriptor, reference?: string): Promise<void> {
    if (!(await isStored(place(descriptor.digest), descriptor.size)))
      throw contentMissing(folder, descriptor.digest)
    const before = await readIndex()
    const after = withEntry(before, descriptor, reference)
    if (canonicalJson(after) === canonicalJson(before)) return
    await writeFileAtomic(join(folder, 'index.json'), canonicalJson(after))
  }

  const layout: Layout = {
    name: folder,
    folder,
    readIndex,
    async resolve(reference) {
      const index = await readIndex()
      if (!isDigest(reference)) return resolveName(index, reference, folder)
      const listed = index.manifests.find(({ digest }) => digest === reference)
      return listed === undefined
        ? describeBlob(place(reference), reference, folder)
        : named(listed)
    },
    async *fetch(descriptor, { signal } = {}) {
      const path = place(descriptor.digest)
      if ((await sizeOf(path)) === undefined) throw contentMissing(folder, descriptor.digest)
      const stream = createReadStream(path, {
        highWaterMark: 256 * 1024,
        ...(signal && { signal }),
      })
      yield* verified(descriptor, stream as AsyncIterable<Uint8Array>, path)
    },
    exists: ({ digest, size }) => isStored(place(digest), size),
    async push(descriptor, open) {
      const path = place(descriptor.digest)
      if ((await isStored(path, descriptor.size)) && (await isWhole(layout, descriptor))) return
      await writeFileAtomic(path, verified(descriptor, open(), path))
    },
    async tag(descriptor, reference) {
      assertName(reference)
      await layout.add(descriptor, reference)
    },
    async add(descriptor, reference) {
      const mine = turn.then(() => list(descriptor, reference))
      turn = mine.catch(() => {})
      await mine
    },
  }
  return layout
}

async function checkMarker(folder: string, create: boolean): Promise<void> {
  const path = join(folder, 'oci-layout')
  const found = await markerIn(path)
  if (found === undefined && create) {
    await writeFileAtomic(join(folder, 'index.json'), canonicalJson(EMPTY))
    return writeFileAtomic(path, canonicalJson({ imageLayoutVersion: '1.0.0' }))
  }
  const version =
    found === undefined
      ? undefined
      : (parseJson(found, path, LAYOUT_SHAPE) as Record<string, unknown> | null)
  if (version?.['imageLayoutVersion'] === '1.0.0') return
  throw new WaybillError(
    'ERR_NOT_A_LAYOUT',
    `${folder}: expected an OCI image layout, found ${found === undefined ? 'no file oci-layout' : `"${Buffer.from(found).toString().slice(0, 80)}"`}`,
    { hint: 'Name a folder that was written as an OCI image layout.', details: { folder } },
  )
}

async function markerIn(path: string): Promise<Uint8Array | undefined> {
  return readFileWhole(path, { limit: 4096 }).catch(() => undefined)
}

async function sizeOf(path: string): Promise<number | undefined> {
  const found = await stat(path).catch(() => undefined)
  return found?.isFile() === true ? found.size : undefined
}

const isStored = async (path: string, size: number): Promise<boolean> =>
  (await sizeOf(path)) === size

// A damaged blob must not stand in the way of the right one.
async function isWhole(layout: Layout, descriptor: Descriptor): Promise<boolean> {
  try {
    for await (const _ of layout.fetch(descriptor));
    return true
  } catch {
    return false
  }
}

async function describeBlob(path: string, digest: Digest, folder: string): Promise<Descriptor> {
  const size = await sizeOf(path)
  if (size === undefined) throw contentMissing(folder, digest)
  const mediaType =
    size > MANIFEST_LIMIT ? 'application/octet-stream' : guess(await readFileWhole(path), path)
  return { mediaType, digest, size }
}

function guess(bytes: Uint8Array, where: string): string {
  try {
    return mediaTypeOf(bytes, where)
  } catch (error) {
    if (isWaybillError(error, 'ERR_AMBIGUOUS_JSON')) throw error
    return 'application/octet-stream'
  }
}
