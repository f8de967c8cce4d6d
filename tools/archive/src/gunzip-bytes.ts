import { gunzip as gunzipAtOnce, type Gunzip } from 'node:zlib'
import { gunzip } from './gunzip.ts'

/** The most that comes out in one step, in bytes. */
const LARGEST = 64 * 1024 * 1024

/**
 * Decompresses gzip that is at hand, in one step on another thread where it is a single member of at most 64 MiB, which spares some two hundred
 * steps back and forth; otherwise like `gunzip`.
 * @throws {ERR_INVALID_GZIP}
 */
export async function* gunzipBytes(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  const content = await atOnce(bytes)
  if (content === undefined) yield* gunzip([bytes])
  else yield content
}

// Undefined for whatever is not to be read so: too large, damaged, several members, something behind the last; `gunzip` says what it is.
async function atOnce(bytes: Uint8Array): Promise<Uint8Array | undefined> {
  // A member ends with the length of its content: RFC 1952 section 2.3.1.
  const size = bytes.byteLength < 18 ? 0 : readLength(bytes)
  if (size === 0 || size > LARGEST) return undefined
  return new Promise((done) => {
    // A byte more than is expected: the end is found in the same step.
    const options = { chunkSize: Math.max(64, size + 1), maxOutputLength: size, info: true }
    gunzipAtOnce(bytes, options, (error, result) => {
      const { buffer, engine } = (result ?? {}) as unknown as Partial<Whole>
      const isAll = error === null && engine?.bytesWritten === bytes.byteLength
      done(isAll && buffer?.byteLength === size ? buffer : undefined)
    })
  })
}

/** What zlib answers where `info` was asked for; its types do not know. */
interface Whole {
  readonly buffer: Buffer
  readonly engine: Gunzip
}

const readLength = (bytes: Uint8Array): number =>
  new DataView(bytes.buffer, bytes.byteOffset + bytes.byteLength - 4, 4).getUint32(0, true)
