import { WaybillError, type ByteStream } from '@waybill/core'
import { createStreamReader, type StreamReader } from './stream-reader.ts'

/**
 * Passes zstd on and checks that it is made of whole frames with nothing after them. Some Node lines take a cut stream for a whole one (22) or
 * ignore what follows it (26). A frame that refers to more of the past than `mostWindow` bytes is refused. RFC 8878 section 3.1.
 * @throws {ERR_INVALID_ZSTD}
 */
export async function* wholeFrames(
  stream: ByteStream,
  mostWindow: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  const reader = createStreamReader(stream)
  try {
    for (let frames = 0; ; frames++) {
      const magic = await reader.take(4)
      if (magic.byteLength === 0 && frames > 0) return
      const kind = kindOf(magic)
      if (kind === undefined) throw invalidZstd(frames === 0 ? 'no zstd' : 'data after the end')
      yield magic
      yield* kind === 'skippable' ? skippable(reader) : frame(reader, mostWindow)
    }
  } finally {
    await reader.close()
  }
}

/** The error for bytes that are no zstd, or are damaged. */
export function invalidZstd(message: string, cause?: unknown): WaybillError {
  return new WaybillError('ERR_INVALID_ZSTD', `zstd: ${message}`, {
    hint: 'The file is damaged or no zstd file; make or fetch it again.',
    cause,
  })
}

function kindOf(magic: Uint8Array): 'frame' | 'skippable' | undefined {
  const hex = Buffer.from(magic).toString('hex')
  if (hex === '28b52ffd') return 'frame'
  return /^5.2a4d18$/.test(hex) ? 'skippable' : undefined
}

async function* skippable(reader: StreamReader): AsyncGenerator<Uint8Array, void, undefined> {
  const size = await exactly(reader, 4)
  yield size
  yield* content(reader, Buffer.from(size).readUInt32LE(0))
}

async function* frame(
  reader: StreamReader,
  mostWindow: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  const descriptor = await exactly(reader, 1)
  yield descriptor
  const flags = descriptor[0]!
  const single = (flags & 0x20) !== 0
  const dictionary = [0, 1, 2, 4][flags & 3]!
  const contentSize = [single ? 1 : 0, 2, 4, 8][flags >> 6]!
  const head = await exactly(reader, (single ? 0 : 1) + dictionary + contentSize)
  const window = single ? contentOf(head, dictionary) : windowOf(head[0]!)
  if (window > mostWindow)
    throw invalidZstd(`it wants ${window} bytes of memory, at most ${mostWindow} are given`)
  yield head
  for (let last = false; !last;) {
    const header = await exactly(reader, 3)
    yield header
    const block = Buffer.from(header).readUIntLE(0, 3)
    last = (block & 1) === 1
    yield* content(reader, (block & 6) === 2 ? 1 : block >> 3) // one byte that is repeated, or as many as said
  }
  if ((flags & 4) !== 0) yield await exactly(reader, 4)
}

// RFC 8878 section 3.1.1.1.2.
function windowOf(descriptor: number): number {
  const base = 2 ** (10 + (descriptor >> 3))
  return base + (base / 8) * (descriptor & 7)
}

// RFC 8878 section 3.1.1.1.4: a size of two bytes begins at 256.
function contentOf(head: Uint8Array, dictionary: number): number {
  const field = Buffer.from(head).subarray(dictionary)
  const size = field.toReversed().reduce((sum, byte) => sum * 256 + byte, 0)
  return field.byteLength === 2 ? size + 256 : size
}

async function exactly(reader: StreamReader, length: number): Promise<Uint8Array> {
  const bytes = await reader.take(length)
  if (bytes.byteLength < length) throw invalidZstd('truncated')
  return bytes
}

async function* content(
  reader: StreamReader,
  size: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  for (let left = size; left > 0;) {
    const chunk = await reader.some(left)
    if (chunk.byteLength === 0) throw invalidZstd('truncated')
    left -= chunk.byteLength
    yield chunk
  }
}
