import { invalidBinary } from './invalid.ts'
import type { ByteReader } from './reader.ts'

const PAGE = 8192
const KEPT = 128
// No table that is read is larger in any real binary; a header that says so is damaged or hostile.
const LONGEST_READ = 8 * 1024 * 1024
const LONGEST_STRING = 64 * 1024

/** A bounded view of a file: pages are kept while few, so that many small reads cost few large ones. */
export interface Pages {
  readonly size: number
  /** @throws {ERR_INVALID_BINARY} where the range is not wholly inside the file, naming `what`. */
  bytes(offset: number, length: number, what: string): Promise<Uint8Array>
  /** A text that ends with a zero byte. @throws {ERR_INVALID_BINARY} */
  cstring(offset: number, what: string): Promise<string>
}

/** Puts pages over a reader. */
export function createPages(reader: ByteReader): Pages {
  const { size } = reader
  const page = pageCache(reader)
  async function bytes(offset: number, length: number, what: string): Promise<Uint8Array> {
    checkRange(offset, length, size, what)
    if (length > PAGE) return whole(await reader.read(offset, length), length, what)
    const first = await page(Math.floor(offset / PAGE))
    const start = offset % PAGE
    if (start + length <= PAGE) return whole(first.subarray(start, start + length), length, what)
    const second = await page(Math.floor(offset / PAGE) + 1)
    const rest = second.subarray(0, length - (PAGE - start))
    return whole(Buffer.concat([first.subarray(start), rest]), length, what)
  }
  async function cstring(offset: number, what: string): Promise<string> {
    const parts: Uint8Array[] = []
    for (let read = 0; read < LONGEST_STRING;) {
      const length = Math.min(256, size - offset - read)
      const part = await bytes(offset + read, length, what)
      const end = part.indexOf(0)
      parts.push(end < 0 ? part : part.subarray(0, end))
      if (end >= 0) return Buffer.concat(parts).toString('utf8')
      if (length < 256) break
      read += length
    }
    throw invalidBinary(`${what}: the text at ${offset} does not end`)
  }
  return { size, bytes, cstring }
}

function pageCache(reader: ByteReader): (index: number) => Promise<Uint8Array> {
  const kept = new Map<number, Uint8Array>()
  return async (index) => {
    const before = kept.get(index)
    if (before !== undefined) return before
    const read = await reader.read(index * PAGE, Math.min(PAGE, reader.size - index * PAGE))
    const oldest = kept.keys().next()
    if (kept.size >= KEPT && oldest.done !== true) kept.delete(oldest.value)
    kept.set(index, read)
    return read
  }
}

function checkRange(offset: number, length: number, size: number, what: string): void {
  const sound = Number.isSafeInteger(offset) && Number.isSafeInteger(length)
  if (sound && offset >= 0 && length >= 0 && offset + length <= size) {
    if (length <= LONGEST_READ) return
    throw invalidBinary(`${what}: ${length} bytes long, more than any real binary has`)
  }
  throw invalidBinary(`${what}: bytes ${offset} to ${offset + length} of a file of ${size} bytes`)
}

function whole(found: Uint8Array, length: number, what: string): Uint8Array {
  if (found.byteLength === length) return found
  throw invalidBinary(`${what}: the file ended while it was read`)
}
