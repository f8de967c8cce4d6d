import { crc32 } from 'node:zlib'
import { createDigester, type Descriptor, type Digest } from '@waybill/core'
import {
  GZIP_HEADER,
  deflatePieces,
  gzip,
  gzipTrailer,
  type DeflatedPiece,
  type TarFrame,
} from '@waybill/archive'
import { mediaTypes } from '../media-types.ts'
import { keep, type KeepOptions } from './layer-sink.ts'

/** A tar archive, compressed and kept to be read again. */
export interface Compressed {
  readonly descriptor: Descriptor
  readonly diffId: Digest
  open(): AsyncIterable<Uint8Array>
}

/** Fast, and 8 % larger than the usual 6 on compiled programs; part of the recipe. */
export const LEVEL = 1

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

/** Compresses a tar archive whose content may be under way already, in pieces of a megabyte side by side, hashing it on the way. */
export async function compressPieces(
  { head, tail }: TarFrame,
  content: AsyncIterable<DeflatedPiece>,
  options: KeepOptions = {},
): Promise<Compressed> {
  const diff = createDigester()
  const blob = createDigester()
  let crc = 0
  async function* packed(): AsyncGenerator<Uint8Array, void, undefined> {
    yield GZIP_HEADER
    for (const pieces of [deflatePieces([head], { level: LEVEL }), content, ending(tail)])
      for await (const { bytes, deflated } of pieces) {
        diff.update(bytes)
        if (bytes.byteLength > 0) crc = crc32(bytes, crc) // of nothing it would be zero
        yield deflated
      }
    yield gzipTrailer({ crc, size: diff.size })
  }
  const open = await keep(watch(packed(), blob.update), options)
  const descriptor = { mediaType: mediaTypes.layerGzip, digest: blob.digest(), size: blob.size }
  return { descriptor, diffId: diff.digest(), open }
}

const ending = (tail: Uint8Array): AsyncIterable<DeflatedPiece> =>
  deflatePieces([tail], { level: LEVEL, final: true })

async function* watch(
  stream: AsyncIterable<Uint8Array>,
  see: (chunk: Uint8Array) => void,
): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const chunk of stream) {
    see(chunk)
    yield chunk
  }
}
