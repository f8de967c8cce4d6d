import { createReadStream } from 'node:fs'
import { access, stat } from 'node:fs/promises'
import { join } from 'node:path'
import {
  digestMismatch,
  digestOfJson,
  markUsed,
  pruneFolder,
  verified,
  type Descriptor,
  type Digest,
} from '@waybill/core'
import { cachedBlob, writeCacheFile } from '../facts/cache-file.ts'
import { readRecord, writeRecord } from '../facts/cache-record.ts'
import { readHashed } from '../known-bytes.ts'
import { mediaTypes } from '../media-types.ts'
import type { PlatformBinary } from './binaries.ts'
import type { LayerInput, MadeLayer } from './make-layer.ts'

// What is this small is read once, and kept.
const SMALL = 16 * 1024 * 1024

interface Stored {
  readonly digest: Digest
  readonly size: number
  readonly diffId: Digest
}

/** What decides a layer's bytes: the recipe, the binary's digest, where it goes, and the time of its members. */
function keyOf({ binary, path, parents, mtime }: LayerInput, recipe: number): Digest {
  return digestOfJson({ recipe, binary: binary.artifact.digest, path, parents, mtime })
}

const recordsOf = ({ artifact }: PlatformBinary, cache: string): string =>
  join(cache, 'layers', artifact.digest.replace(':', '-'))

const recordPlace = (input: LayerInput, recipe: number, cache: string): string =>
  join(recordsOf(input.binary, cache), `${keyOf(input, recipe).slice('sha256:'.length)}.json`)

/** Whether a binary was put into some layer before: then it is worth waiting for where it goes. */
export async function mayRecall(
  binary: PlatformBinary,
  cache: string | undefined,
): Promise<boolean> {
  if (cache === undefined) return false
  return access(recordsOf(binary, cache)).then(
    () => true,
    () => false,
  )
}

/**
 * The layer that was made of the same things before; undefined where it is not remembered. Its bytes are read, and checked, when they are asked
 * for: where what is left of them is damaged, `anew` makes them again.
 */
export async function recallLayer(
  input: LayerInput,
  recipe: number,
  { cache, anew }: { readonly cache: string; readonly anew: () => Promise<MadeLayer> },
): Promise<MadeLayer | undefined> {
  try {
    const stored = await readRecord(recordPlace(input, recipe, cache), keyOf(input, recipe))
    if (stored === undefined) return undefined
    const { digest, size, diffId } = stored as Stored
    const blob = cachedBlob(cache, digest)
    const found = await stat(blob)
    if (!found.isFile() || found.size !== size) return undefined
    await markUsed(blob)
    const descriptor = { mediaType: mediaTypes.layerGzip, digest, size }
    let checked: Promise<Opener> | undefined
    const open = async function* (): AsyncGenerator<Uint8Array, void, undefined> {
      checked ??= openBlob(descriptor, cache).catch(() => remade(descriptor, anew))
      yield* (await checked)()
    }
    return { descriptor, diffId, open }
  } catch {
    return undefined
  }
}

type Opener = MadeLayer['open']

async function openBlob(descriptor: Descriptor, cache: string): Promise<Opener> {
  if (descriptor.size <= SMALL) return readSmall(descriptor, cache)
  for await (const _ of readBlob(descriptor, cache));
  return () => readBlob(descriptor, cache)
}

async function readSmall({ digest }: Descriptor, cache: string): Promise<Opener> {
  const path = cachedBlob(cache, digest)
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

function readBlob(descriptor: Descriptor, cache: string): AsyncIterable<Uint8Array> {
  const path = cachedBlob(cache, descriptor.digest)
  return verified(descriptor, createReadStream(path, { highWaterMark: 256 * 1024 }), path)
}

/** Remembers a layer: first its bytes, then what they were made of. Layers that were not used for long make room for it. */
export async function rememberLayer(
  input: LayerInput,
  recipe: number,
  made: { readonly layer: MadeLayer; readonly cache: string },
): Promise<void> {
  const { layer, cache } = made
  const { digest, size } = layer.descriptor
  if (!(await writeCacheFile(cachedBlob(cache, digest), layer.open()))) return
  const stored: Stored = { digest, size, diffId: layer.diffId }
  await writeRecord(recordPlace(input, recipe, cache), keyOf(input, recipe), stored)
  await pruneFolder(join(cache, 'blobs'))
}
