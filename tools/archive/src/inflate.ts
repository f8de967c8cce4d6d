import { createInflateRaw } from 'node:zlib'
import { messageOf } from '@waybill/core'
import type { StreamReader } from './stream-reader.ts'

// Every step goes to another thread and back, behind whatever else is waiting there: few large ones are sooner done.
const CHUNK = 1024 * 1024
const INPUT = 256 * 1024

/**
 * Inflates one raw deflate stream and leaves the reader right behind it. `invalid` makes the error for bytes that are none.
 */
export async function* inflateRaw(
  reader: StreamReader,
  invalid: (message: string) => Error,
): AsyncGenerator<Uint8Array, void, undefined> {
  const engine = createInflateRaw({ chunkSize: CHUNK })
  const feeding = feed(engine, reader)
  feeding.catch((error: Error) => engine.destroy(error))
  try {
    for await (const chunk of engine) yield chunk as Uint8Array
    await feeding
  } catch (error) {
    throw isEngineError(error) ? invalid(messageOf(error)) : error
  } finally {
    engine.destroy()
  }
}

/** Whether an error is the decompressor's own, about the bytes it was given. */
export function isEngineError(error: unknown): boolean {
  const { code, errno } = error as { readonly code?: unknown; readonly errno?: unknown }
  return typeof errno === 'number' && /^(?:Z|ZSTD)_/.test(String(code))
}

// The engine stops consuming where its stream ends; what it left of the last piece goes back to the reader.
async function feed(
  engine: ReturnType<typeof createInflateRaw>,
  reader: StreamReader,
): Promise<void> {
  let given = 0
  for (;;) {
    const piece = await reader.take(INPUT)
    if (engine.destroyed) return
    if (piece.byteLength === 0) {
      engine.end()
      return
    }
    given += piece.byteLength
    await new Promise<void>((done) => engine.write(piece, () => done()))
    const left = given - engine.bytesWritten
    if (left > 0) {
      reader.unread(piece.subarray(piece.byteLength - left))
      return
    }
  }
}
