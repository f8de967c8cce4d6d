import type { ByteStream } from '@waybill/core'
import { addTo, deflateRaw, type Sums } from './deflate.ts'
import type { DeflatedPiece } from './deflate-pieces.ts'

export interface GzipOptions {
  /** 0 (stored) to 9 (smallest). */
  readonly level: number
}

/** Written by hand, since what a library writes here depends on the system: no name, no time, no flags, system unknown. RFC 1952 section 2.3. */
export const GZIP_HEADER: Uint8Array = Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff)

/** Compresses a stream: the same bytes for the same content, whatever pieces it comes in. */
export async function* gzip(
  stream: ByteStream,
  options: GzipOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
  const sums: Sums = { crc: 0, size: 0 }
  yield GZIP_HEADER
  yield* deflateRaw(stream, options.level, sums)
  yield trailer(sums)
}

/** Puts what was deflated in pieces, the last of them final, into one gzip member. */
export async function* gzipPieces(
  pieces: AsyncIterable<DeflatedPiece>,
): AsyncGenerator<Uint8Array, void, undefined> {
  const sums: Sums = { crc: 0, size: 0 }
  yield GZIP_HEADER
  for await (const { bytes, deflated } of pieces) {
    addTo(sums, bytes)
    yield deflated
  }
  yield trailer(sums)
}

function trailer({ crc, size }: Sums): Uint8Array {
  const bytes = Buffer.alloc(8)
  bytes.writeUInt32LE(crc, 0)
  bytes.writeUInt32LE(size % 2 ** 32, 4)
  return bytes
}
