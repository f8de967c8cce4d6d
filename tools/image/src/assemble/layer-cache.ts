import { createReadStream } from 'node:fs'
import { access, lstat } from 'node:fs/promises'
import { join } from 'node:path'
import {
  cachedBlob,
  digestMismatch,
  isDigest,
  markUsed,
  verified,
  writeCacheFile,
  type Cache,
  type CacheQuestion,
  type Descriptor,
  type Digest,
} from '@waybill/core'
import { readHashed } from '../known-bytes.ts'
import { mediaTypes } from '@waybill/oci'
import type { PlatformBinary } from './binaries.ts'
import type { LayerInput, MadeLayer } from './types.ts'

// What is this small is read once, and kept.
const SMALL = 16 * 1024 * 1024

interface Stored {
  readonly blob: Digest
  readonly size: number
  readonly diffId: Digest
}

/** What decides a layer's bytes: the recipe, where its members go and their time, and the digests of their contents. */
const questionOf = (
  { binary, path, parents, mtime }: LayerInput,
  recipe: number,
): CacheQuestion => ({
  kind: 'layers',
  recipe: { recipe, path, parents, mtime },
  inputs: [binary.artifact.digest],
})

const groupOf = ({ artifact }: PlatformBinary): string => artifact.digest.replace(':', '-')

/** Whether a binary was put into some layer before: then it is worth waiting for where it goes. */
export async function mayRecall(
  binary: PlatformBinary,
  cache: Cache | undefined,
): Promise<boolean> {
  if (cache === undefined) return false
  return access(join(cache.folder, 'layers', groupOf(binary))).then(
    () => true,
    () => false,
  )
}

/**
 * The layer that was made of the same things before, as its record says; undefined where there is none that was written with this cache's key.
 * Whoever takes it holds its diff id against the recipe. Its bytes are read, and checked, when they are asked for: where what is left of them is
 * damaged, `anew` makes them again.
 */
export async function recallLayer(
  input: LayerInput,
  recipe: number,
  { cache, anew }: { readonly cache: Cache; readonly anew: () => Promise<MadeLayer> },
): Promise<MadeLayer | undefined> {
  const stored = await cache.recall(questionOf(input, recipe), groupOf(input.binary))
  if (stored === undefined) return undefined
  const { blob: digest, size, diffId } = stored as Stored
  const blob = isDigest(digest) ? cachedBlob(cache.folder, digest) : ''
  const found = await lstat(blob).catch(() => undefined)
  if (found?.isFile() !== true || found.size !== size) return undefined
  await markUsed(blob)
  const descriptor = { mediaType: mediaTypes.layerGzip, digest, size }
  let checked: Promise<Opener> | undefined
  const open = async function* (): AsyncGenerator<Uint8Array, void, undefined> {
    checked ??= openBlob(descriptor, blob).catch(() => remade(descriptor, anew))
    yield* (await checked)()
  }
  return { descriptor, diffId, open }
}

type Opener = MadeLayer['open']

async function openBlob(descriptor: Descriptor, path: string): Promise<Opener> {
  if (descriptor.size <= SMALL) return readSmall(descriptor, path)
  for await (const _ of readBlob(descriptor, path));
  return () => readBlob(descriptor, path)
}

async function readSmall({ digest }: Descriptor, path: string): Promise<Opener> {
  const { bytes, digest: found } = await readHashed(path)
  if (found !== digest) throw digestMismatch(path, digest, found)
  return async function* () {
    yield bytes
  }
}

// The image was assembled with what is remembered: a record that names another layer than its input makes is found here.
async function remade({ digest }: Descriptor, anew: () => Promise<MadeLayer>): Promise<Opener> {
  const made = await anew()
  if (made.descriptor.digest !== digest)
    throw digestMismatch('the layer cache', digest, made.descriptor.digest)
  return made.open
}

function readBlob(descriptor: Descriptor, path: string): AsyncIterable<Uint8Array> {
  return verified(descriptor, createReadStream(path, { highWaterMark: 256 * 1024 }), path)
}

/** Remembers a layer: first its bytes, then what they were made of. Layers that were not used for long make room for it. */
export async function rememberLayer(
  input: LayerInput,
  recipe: number,
  { layer, cache }: { readonly layer: MadeLayer; readonly cache: Cache },
): Promise<void> {
  const { digest, size } = layer.descriptor
  const written = await writeCacheFile(cachedBlob(cache.folder, digest), layer.open())
  if (!written) return cache.sayNotKept()
  const stored: Stored = { blob: digest, size, diffId: layer.diffId }
  await cache.remember(questionOf(input, recipe), stored, groupOf(input.binary))
  await cache.prune('blobs')
}
