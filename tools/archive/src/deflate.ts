import { Readable, pipeline } from 'node:stream'
import { crc32, createDeflateRaw } from 'node:zlib'
import type { ByteStream } from '@waybill/core'

/** Checksum and length of what passed by. */
export interface Sums {
  crc: number
  size: number
}

/** Adds bytes to the sums. */
export function addTo(sums: Sums, bytes: Uint8Array): void {
  if (bytes.byteLength === 0) return // whose checksum would be zero, whatever came before
  sums.crc = crc32(bytes, sums.crc)
  sums.size += bytes.byteLength
}

const CHUNK = 128 * 1024

/** Compresses to raw deflate: the same bytes for the same content, whatever pieces it comes in. `sums` is kept up to date. */
export async function* deflateRaw(
  stream: ByteStream,
  level: number,
  sums: Sums,
): AsyncGenerator<Uint8Array, void, undefined> {
  const deflate = createDeflateRaw({ level, chunkSize: CHUNK })
  pipeline(Readable.from(counted(evenly(stream), sums)), deflate, () => {})
  for await (const chunk of deflate) yield chunk as Uint8Array
}

/** Passes chunks on and sums them up. */
export async function* counted(
  stream: ByteStream,
  sums: Sums,
): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const chunk of stream) {
    addTo(sums, chunk)
    yield chunk
  }
}

/** Cuts a stream anew into pieces of one size: what some compressors write follows the pieces of their input (stored blocks, for one). */
export async function* evenly(
  stream: ByteStream,
  length: number = CHUNK,
): AsyncGenerator<Uint8Array, void, undefined> {
  let block: Buffer | undefined
  let filled = 0
  for await (const chunk of stream) {
    for (let at = 0; at < chunk.byteLength;) {
      const piece = chunk.subarray(at, at + length - filled)
      at += piece.byteLength
      if (piece.byteLength === length) {
        yield piece // as it is, uncopied
        continue
      }
      block ??= Buffer.allocUnsafe(length)
      block.set(piece, filled)
      filled += piece.byteLength
      if (filled === length) {
        yield block
        block = undefined
        filled = 0
      }
    }
  }
  if (block !== undefined) yield block.subarray(0, filled)
}
