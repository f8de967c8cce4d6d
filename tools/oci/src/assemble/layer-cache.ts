import { createReadStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  canonicalJson,
  digestOfJson,
  isDigest,
  markUsed,
  pruneFolder,
  verified,
  type Descriptor,
  type Digest,
} from '@waybill/core'
import { writeCacheFile } from '../facts/cache-file.ts'
import { mediaTypes } from '../media-types.ts'
import { keep } from './layer-sink.ts'
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

const recordPlace = (cache: string, key: Digest): string =>
  join(cache, 'layers', `${key.slice('sha256:'.length)}.json`)

const blobPlace = (cache: string, digest: Digest): string =>
  join(cache, 'blobs', ...digest.split(':'))

/** The layer that was made of the same things before; undefined where it is not remembered, or what is left of it is damaged. */
export async function recallLayer(
  input: LayerInput,
  recipe: number,
  cache: string,
): Promise<MadeLayer | undefined> {
  try {
    const text = await readFile(recordPlace(cache, keyOf(input, recipe)), 'utf8')
    const { digest, size, diffId } = JSON.parse(text) as Stored
    if (!isDigest(digest) || !isDigest(diffId)) return undefined
    const descriptor = { mediaType: mediaTypes.layerGzip, digest, size }
    const read = (): AsyncIterable<Uint8Array> => readBlob(descriptor, cache)
    const open = size <= SMALL ? await keep(read(), { memory: SMALL }) : read
    if (open === read) for await (const _ of read());
    await markUsed(blobPlace(cache, digest))
    return { descriptor, diffId, open }
  } catch {
    return undefined
  }
}

function readBlob(descriptor: Descriptor, cache: string): AsyncIterable<Uint8Array> {
  const path = blobPlace(cache, descriptor.digest)
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
  if (!(await writeCacheFile(blobPlace(cache, digest), layer.open()))) return
  const stored: Stored = { digest, size, diffId: layer.diffId }
  const record = recordPlace(cache, keyOf(input, recipe))
  await writeCacheFile(record, [Buffer.from(canonicalJson(stored))])
  await pruneFolder(join(cache, 'blobs'))
}
