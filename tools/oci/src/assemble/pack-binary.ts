import { createReadStream } from 'node:fs'
import { toldLater, verified, type ByteStream } from '@waybill/core'
import { DEFLATE_PIECE, deflatePieces, type DeflatedPiece } from '@waybill/archive'
import { recallBytes } from '../known-bytes.ts'
import type { PlatformBinary } from './binaries.ts'
import { isSmall } from './binary-file.ts'
import { EFFORT } from './compress.ts'

/**
 * Compresses a binary, hashing it on the way: a small one at once, a larger one in constant memory as it is taken.
 * @throws {ERR_DIGEST_MISMATCH} when the file is not the artifact it is said to be.
 */
export function packBinary(binary: PlatformBinary): AsyncIterable<DeflatedPiece> {
  const { artifact } = binary
  const pieces = deflatePieces(contentOf(binary), EFFORT)
  return isSmall(artifact) ? begun(pieces, Math.ceil(artifact.size / DEFLATE_PIECE) + 1) : pieces
}

function contentOf({ artifact, file }: PlatformBinary): ByteStream {
  const bytes = recallBytes(artifact)
  if (bytes !== undefined) return [bytes]
  return verified(artifact, chunksOf(file), file)
}

// Opened when it is asked for: what is never asked for is never closed.
async function* chunksOf(file: string): AsyncGenerator<Uint8Array, void, undefined> {
  yield* createReadStream(file, { highWaterMark: DEFLATE_PIECE })
}

// A generator that is asked ahead of time works ahead of time.
async function* begunPieces<Item>(
  results: Promise<IteratorResult<Item, void>>[],
): AsyncGenerator<Item, void, undefined> {
  for (let next = results.shift(); next !== undefined; next = results.shift()) {
    const { done, value } = await next
    if (done === true) return
    yield value as Item
  }
}

function begun<Item>(
  generator: AsyncGenerator<Item, void, undefined>,
  steps: number,
): AsyncIterable<Item> {
  return begunPieces(Array.from({ length: steps }, () => toldLater(generator.next())))
}
