import type { FileHandle } from 'node:fs/promises'
import { openFile, deferRejection, verified } from '@waybill/core'
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
  const { artifact, file } = binary
  const bytes = recallBytes(artifact)
  if (bytes === undefined && !isSmall(artifact)) return packLarge(binary)
  const content = bytes === undefined ? verified(artifact, piecesOf(file), file) : [bytes]
  const pieces = deflatePieces(content, EFFORT)
  return begun(pieces, Math.ceil(artifact.size / DEFLATE_PIECE) + 1)
}

// Without the same few buffers for all of it, there are a hundred megabytes of them before they are collected.
function packLarge({ artifact, file }: PlatformBinary): AsyncIterable<DeflatedPiece> {
  const spare: Uint8Array[] = []
  const content = verified(artifact, piecesOf(file, spare), file)
  return deflatePieces(content, { ...EFFORT, onDone: (bytes) => void spare.push(bytes) })
}

/** Reads a file in large pieces. Opened when it is asked for: what is never asked for is never closed. */
export async function* piecesOf(
  path: string,
  spare: Uint8Array[] = [],
): AsyncGenerator<Uint8Array, void, undefined> {
  const file = await openFile(path)
  try {
    for (;;) {
      const bytes = spare.pop() ?? Buffer.allocUnsafeSlow(DEFLATE_PIECE)
      const filled = await fill(file, bytes)
      if (filled > 0) yield bytes.subarray(0, filled)
      if (filled < DEFLATE_PIECE) return
    }
  } finally {
    await file.close()
  }
}

// A read may give less than was asked for before the end has come.
async function fill(file: FileHandle, bytes: Uint8Array): Promise<number> {
  let filled = 0
  while (filled < bytes.byteLength) {
    const { bytesRead } = await file.read(bytes, filled, bytes.byteLength - filled, null)
    if (bytesRead === 0) break
    filled += bytesRead
  }
  return filled
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
  return begunPieces(Array.from({ length: steps }, () => deferRejection(generator.next())))
}
