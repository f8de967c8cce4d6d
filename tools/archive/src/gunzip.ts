import { WaybillError, type ByteStream } from '@waybill/core'
import { counted, type Sums } from './deflate.ts'
import { inflateRaw } from './inflate.ts'
import { createStreamReader, type StreamReader } from './stream-reader.ts'

export interface GunzipOptions {
  /** How many bytes may come out. @default no limit; memory is constant all the same */
  readonly limit?: number
}

const CHUNK = 64 * 1024

/**
 * Decompresses gzip, one member or several after another, and checks every one's checksum and length. Anything after the last member is refused.
 * @throws {ERR_INVALID_GZIP} {ERR_TOO_LARGE}
 */
export async function* gunzip(
  stream: ByteStream,
  options: GunzipOptions = {},
): AsyncGenerator<Uint8Array, void, undefined> {
  const reader = createStreamReader(stream)
  const limit = options.limit ?? Number.POSITIVE_INFINITY
  let total = 0
  try {
    do {
      await readHeader(reader)
      const sums: Sums = { crc: 0, size: 0 }
      const start = reader.offset
      const content = inflateRaw(reader, (message) => invalidGzip(message, start))
      for await (const chunk of counted(content, sums)) {
        total += chunk.byteLength
        if (total > limit) throw tooLarge(limit)
        yield chunk
      }
      await checkTrailer(reader, sums)
    } while (!(await isAtEnd(reader)))
  } finally {
    await reader.close()
  }
}

function tooLarge(limit: number): WaybillError {
  return new WaybillError('ERR_TOO_LARGE', `gzip: more than ${limit} bytes come out`)
}

function invalidGzip(message: string, offset: number): WaybillError {
  return new WaybillError('ERR_INVALID_GZIP', `gzip: ${message}, at byte ${offset}`, {
    hint: 'The file is damaged or no gzip file; make or fetch it again.',
    details: { offset },
  })
}

async function isAtEnd(reader: StreamReader): Promise<boolean> {
  const next = await reader.some(1)
  reader.unread(next)
  return next.byteLength === 0
}

// RFC 1952 section 2.3: extra field, name and comment may stand there; reserved flags must be zero.
async function readHeader(reader: StreamReader): Promise<void> {
  const offset = reader.offset
  const header = await reader.take(10)
  const flags = header[3] ?? 0
  if (header.byteLength < 10 || header[0] !== 0x1f || header[1] !== 0x8b || header[2] !== 8) {
    throw invalidGzip(offset === 0 ? 'not a gzip header' : 'data after the end', offset)
  }
  if ((flags & 0xe0) !== 0) throw invalidGzip('reserved flags', offset)
  if ((flags & 4) !== 0) await skipExtra(reader)
  if ((flags & 8) !== 0) await skipText(reader)
  if ((flags & 16) !== 0) await skipText(reader)
  if ((flags & 2) !== 0 && (await reader.take(2)).byteLength < 2) throw truncated(reader)
}

const truncated = (reader: StreamReader): WaybillError => invalidGzip('truncated', reader.offset)

async function skipExtra(reader: StreamReader): Promise<void> {
  const length = await reader.take(2)
  if (length.byteLength < 2) throw truncated(reader)
  const wanted = length[0]! | (length[1]! << 8)
  if ((await reader.take(wanted)).byteLength < wanted) throw truncated(reader)
}

async function skipText(reader: StreamReader): Promise<void> {
  for (;;) {
    const piece = await reader.some(CHUNK)
    if (piece.byteLength === 0) throw truncated(reader)
    const end = piece.indexOf(0)
    if (end < 0) continue
    return reader.unread(piece.subarray(end + 1))
  }
}

async function checkTrailer(reader: StreamReader, sums: Sums): Promise<void> {
  const offset = reader.offset
  const bytes = Buffer.from(await reader.take(8))
  if (bytes.byteLength < 8) throw truncated(reader)
  if (bytes.readUInt32LE(0) !== sums.crc) throw invalidGzip('wrong checksum', offset)
  if (bytes.readUInt32LE(4) !== sums.size % 2 ** 32) throw invalidGzip('wrong length', offset)
}
