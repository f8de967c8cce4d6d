import { Readable, pipeline } from 'node:stream'
import { crc32, createDeflateRaw } from 'node:zlib'
import type { ByteStream } from '@waybill/core'

export interface GzipOptions {
  /** 0 (stored) to 9 (smallest). */
  readonly level: number
}

/** Written by hand, since what a library writes here depends on the system: no name, no time, no flags, system unknown. RFC 1952 section 2.3. */
export const GZIP_HEADER: Uint8Array = Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff)

const CHUNK = 128 * 1024

/** Compresses a stream: the same bytes for the same content, whatever pieces it comes in. */
export async function* gzip(
  stream: ByteStream,
  options: GzipOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
  const sums = { crc: 0, size: 0 }
  const deflate = createDeflateRaw({ level: options.level, chunkSize: CHUNK })
  pipeline(Readable.from(counted(evenly(stream), sums)), deflate, () => {})
  yield GZIP_HEADER
  for await (const chunk of deflate) yield chunk as Uint8Array
  yield trailer(sums)
}

interface Sums {
  crc: number
  size: number
}

async function* counted(
  stream: AsyncIterable<Uint8Array>,
  sums: Sums,
): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const chunk of stream) {
    sums.crc = crc32(chunk, sums.crc)
    sums.size += chunk.byteLength
    yield chunk
  }
}

// Stored blocks (level 0) follow the pieces of the input, so the pieces are always the same.
async function* evenly(stream: ByteStream): AsyncGenerator<Uint8Array, void, undefined> {
  let block = Buffer.allocUnsafe(CHUNK)
  let filled = 0
  for await (const chunk of stream) {
    for (let at = 0; at < chunk.byteLength;) {
      const piece = chunk.subarray(at, at + CHUNK - filled)
      block.set(piece, filled)
      filled += piece.byteLength
      at += piece.byteLength
      if (filled === CHUNK) {
        yield block
        block = Buffer.allocUnsafe(CHUNK)
        filled = 0
      }
    }
  }
  if (filled > 0) yield block.subarray(0, filled)
}

function trailer({ crc, size }: Sums): Uint8Array {
  const bytes = Buffer.alloc(8)
  bytes.writeUInt32LE(crc, 0)
  bytes.writeUInt32LE(size % 2 ** 32, 4)
  return bytes
}
