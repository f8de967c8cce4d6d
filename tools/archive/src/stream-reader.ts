import type { ByteStream } from '@waybill/core'

/** Reads a stream in pieces of a wanted length, without copying where a chunk holds them whole. */
export interface StreamReader {
  /** Bytes taken so far. */
  readonly offset: number
  /** Exactly `length` bytes; fewer only where the stream ends. */
  take(length: number): Promise<Uint8Array>
  /** What `take` would give, where all of it is at hand: nothing is waited for. */
  takeAtHand(length: number): Uint8Array | undefined
  /** What is at hand, at most `limit` bytes; empty only where the stream has ended. */
  some(limit: number): Promise<Uint8Array>
  /** Puts back bytes that were taken last. */
  unread(bytes: Uint8Array): void
  /** Lets go of the stream. */
  close(): Promise<void>
}

const NOTHING = new Uint8Array(0)

/** Opens a reader over a stream. */
export function createStreamReader(stream: ByteStream): StreamReader {
  const iterator =
    Symbol.asyncIterator in stream ? stream[Symbol.asyncIterator]() : stream[Symbol.iterator]()
  let rest: Uint8Array = NOTHING
  let offset = 0
  let ended = false

  async function fill(): Promise<boolean> {
    while (rest.byteLength === 0 && !ended) {
      const next = await iterator.next()
      if (next.done === true) ended = true
      else rest = next.value
    }
    return rest.byteLength > 0
  }

  async function some(limit: number): Promise<Uint8Array> {
    if (limit <= 0 || !(await fill())) return NOTHING
    const bytes = rest.subarray(0, limit)
    rest = rest.subarray(bytes.byteLength)
    offset += bytes.byteLength
    return bytes
  }

  return {
    get offset() {
      return offset
    },
    some,
    takeAtHand(length) {
      if (rest.byteLength < length) return undefined
      const bytes = rest.subarray(0, length)
      rest = rest.subarray(length)
      offset += length
      return bytes
    },
    async take(length) {
      const first = await some(length)
      if (first.byteLength === length || first.byteLength === 0) return first
      const pieces = [first]
      let missing = length - first.byteLength
      while (missing > 0) {
        const piece = await some(missing)
        if (piece.byteLength === 0) break
        pieces.push(piece)
        missing -= piece.byteLength
      }
      return Buffer.concat(pieces)
    },
    unread(bytes) {
      offset -= bytes.byteLength
      rest = rest.byteLength === 0 ? bytes : Buffer.concat([bytes, rest])
    },
    async close() {
      if (ended) return
      ended = true
      rest = NOTHING
      await iterator.return?.()
    },
  }
}
