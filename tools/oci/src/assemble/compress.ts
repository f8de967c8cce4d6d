import { crc32, createDeflateRaw } from 'node:zlib'
import { createDigester, type Descriptor, type Digest } from '@waybill/core'
import { GZIP_HEADER, gzip } from '@waybill/archive'
import { mediaTypes } from '../media-types.ts'
import { keep, type KeepOptions } from './layer-sink.ts'

/** A tar archive, compressed and kept to be read again. */
export interface Compressed {
  readonly descriptor: Descriptor
  readonly diffId: Digest
  open(): AsyncIterable<Uint8Array>
}

// Fast, and 8 % larger than the usual 6 on compiled programs; part of the recipe.
const LEVEL = 1

/** Compresses a tar archive of any length in constant memory, hashing it on the way. */
export async function compressStream(
  tar: AsyncIterable<Uint8Array>,
  options: KeepOptions = {},
): Promise<Compressed> {
  const diff = createDigester()
  const blob = createDigester()
  const packed = watch(gzip(watch(tar, diff.update), { level: LEVEL }), blob.update)
  const open = await keep(packed, options)
  const descriptor = { mediaType: mediaTypes.layerGzip, digest: blob.digest(), size: blob.size }
  return { descriptor, diffId: diff.digest(), open }
}

/** Compresses a small tar archive that is at hand, in few large steps on another thread: the same bytes as `compressStream`, a quarter sooner. */
export async function compressWhole(tar: readonly Uint8Array[]): Promise<Compressed> {
  const packing = deflate(tar)
  const diff = createDigester()
  let crc = 0
  for (const chunk of tar) {
    diff.update(chunk)
    crc = crc32(chunk, crc)
  }
  const trailer = Buffer.alloc(8)
  trailer.writeUInt32LE(crc, 0)
  trailer.writeUInt32LE(diff.size % 2 ** 32, 4)
  const chunks = [GZIP_HEADER, ...(await packing), trailer]
  const blob = createDigester()
  for (const chunk of chunks) blob.update(chunk)
  const descriptor = { mediaType: mediaTypes.layerGzip, digest: blob.digest(), size: blob.size }
  return { descriptor, diffId: diff.digest(), open: () => each(chunks) }
}

async function deflate(input: readonly Uint8Array[]): Promise<readonly Uint8Array[]> {
  const engine = createDeflateRaw({ level: LEVEL, chunkSize: 1024 * 1024 })
  for (const chunk of input) engine.write(chunk)
  engine.end()
  const chunks: Uint8Array[] = []
  for await (const chunk of engine) chunks.push(chunk as Uint8Array)
  return chunks
}

async function* each(chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array, void, undefined> {
  yield* chunks
}

async function* watch(
  stream: AsyncIterable<Uint8Array>,
  see: (chunk: Uint8Array) => void,
): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const chunk of stream) {
    see(chunk)
    yield chunk
  }
}
