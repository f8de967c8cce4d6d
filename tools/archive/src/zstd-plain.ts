import type { ByteStream } from '@waybill/core'
import { invalidZstd } from './zstd-frames.ts'

/**
 * Decompresses whole frames with a decoder in JavaScript. A piece must not hold more than one block, as `wholeFrames` gives them: a block is at most
 * 128 KiB of content, so that little memory is used whatever the ratio. RFC 8878 section 3.1.1.2.
 * @throws {ERR_INVALID_ZSTD}
 */
export async function* unzstdPlain(
  frames: ByteStream,
): AsyncGenerator<Uint8Array, void, undefined> {
  const { Decompress } = await import('fzstd')
  let made: Uint8Array[] = []
  const decoder = new Decompress((chunk) => void made.push(chunk))
  for await (const piece of frames) {
    try {
      decoder.push(piece)
    } catch (error) {
      throw invalidZstd(error instanceof Error ? error.message : 'damaged', error)
    }
    yield* made
    made = []
  }
}
