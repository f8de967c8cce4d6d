import { WaybillError, type ByteStream } from '@waybill/core'
import { createStreamReader, type StreamReader } from '../stream-reader.ts'
import { decodeHeader } from './decode-header.ts'
import { BLOCK, invalidTar, type TarEntry } from './entry.ts'
import { applyExtensions, isExtension, readExtension, type Extensions } from './extensions.ts'

/**
 * Reads a tar archive member by member in constant memory: ustar, pax, GNU long names, base-256 numbers, old v7.
 * Whatever the bytes are, it ends, and fails with one code only. Sparse files, multi-volume archives and data after the end are refused.
 * @throws {ERR_INVALID_TAR} with the offset in `details`.
 */
export async function* readTar(stream: ByteStream): AsyncGenerator<TarEntry, void, undefined> {
  const reader = createStreamReader(stream)
  try {
    for (;;) {
      const header = await nextHeader(reader)
      if (header === undefined) return
      const content = contentOf(reader, header.size)
      yield { ...header, content: content.stream }
      if (!content.skipAtHand()) await content.skip()
    }
  } finally {
    await reader.close()
  }
}

async function nextHeader(reader: StreamReader): Promise<Omit<TarEntry, 'content'> | undefined> {
  let extensions: Extensions = {}
  for (;;) {
    const offset = reader.offset
    const block = reader.takeAtHand(BLOCK) ?? (await reader.take(BLOCK))
    if (block.byteLength === 0 || isZero(block)) {
      if (Object.keys(extensions).length > 0)
        throw invalidTar('extension header without a member', offset)
      if (block.byteLength > 0) await checkEnd(reader, block)
      return undefined
    }
    if (block.byteLength < BLOCK) throw invalidTar('truncated header', offset)
    const raw = decodeHeader(block, offset)
    if (!isExtension(raw)) return applyExtensions(raw, extensions, offset)
    extensions = await readExtension(raw, extensions, reader)
  }
}

// The end is two zero blocks; many programs pad with more. Anything else there would be seen by some programs and not by others.
async function checkEnd(reader: StreamReader, first: Uint8Array): Promise<void> {
  const offset = reader.offset
  if (first.byteLength < BLOCK) throw invalidTar('truncated header', offset - first.byteLength)
  const second = await reader.take(BLOCK)
  const whole = second.byteLength === 0 || second.byteLength === BLOCK
  if (!whole || !isZero(second)) throw invalidTar('no end of the archive', offset)
  for (;;) {
    const more = await reader.some(64 * 1024)
    if (more.byteLength === 0) return
    if (!isZero(more)) throw invalidTar('data after the end of the archive', offset)
  }
}

function isZero(bytes: Uint8Array): boolean {
  for (const byte of bytes) if (byte !== 0) return false
  return true
}

interface Content {
  readonly stream: AsyncIterable<Uint8Array>
  /** Skips what was not read; false where not all of it is at hand. */
  skipAtHand(): boolean
  skip(): Promise<void>
}

function contentOf(reader: StreamReader, size: number): Content {
  const start = reader.offset
  const end = start + size
  const padding = (BLOCK - (size % BLOCK)) % BLOCK
  let passed = false
  async function next(): Promise<Uint8Array> {
    const chunk = await reader.some(end - reader.offset)
    if (chunk.byteLength === 0) throw invalidTar(`content of ${size} bytes is truncated`, start)
    return chunk
  }
  async function* read(): AsyncGenerator<Uint8Array, void, undefined> {
    if (passed)
      throw new WaybillError('ERR_ENTRY_PASSED', 'The reader has gone on to the next member')
    while (reader.offset < end) yield await next()
  }
  return {
    stream: { [Symbol.asyncIterator]: read },
    skipAtHand() {
      passed = reader.takeAtHand(end - reader.offset + padding) !== undefined
      return passed
    },
    async skip() {
      while (reader.offset < end) await next()
      passed = true
      const pad = await reader.take(padding)
      if (pad.byteLength < padding) throw invalidTar('truncated padding', end)
    },
  }
}
