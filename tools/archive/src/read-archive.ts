import { createReadStream, createWriteStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { WaybillError, type ByteStream } from '@waybill/core'
import { gunzip } from './gunzip.ts'
import { gunzipBytes } from './gunzip-bytes.ts'
import { createStreamReader } from './stream-reader.ts'
import type { TarEntry } from './tar/entry.ts'
import { readTar } from './tar/read-tar.ts'
import { readZip } from './zip/read-zip.ts'
import { unzstd } from './zstd.ts'

/**
 * Reads an archive by what its first bytes say: tar.gz, tar, zip, or tar.zst where the runtime has zstd. Memory is constant, unless the archive
 * is in memory itself: then what it holds may be for a while, up to 64 MiB. A zip that comes as a stream is kept in a temporary file meanwhile.
 * @throws {ERR_INVALID_TAR} {ERR_INVALID_GZIP} {ERR_INVALID_ZIP} {ERR_INVALID_ZSTD} {ERR_UNKNOWN_ARCHIVE}
 */
export async function* readArchive(
  source: string | Uint8Array | ByteStream,
): AsyncGenerator<TarEntry, void, undefined> {
  if (source instanceof Uint8Array) return yield* readBytes(source)
  const stream =
    typeof source === 'string' ? createReadStream(source, { highWaterMark: 256 * 1024 }) : source
  const reader = createStreamReader(stream as ByteStream)
  try {
    const start = await reader.take(512)
    reader.unread(start)
    const format = formatOf(start)
    if (format === undefined) throw unknownArchive(typeof source === 'string' ? source : 'stream')
    if (format === 'zip' && typeof source === 'string') yield* readZip(source)
    else if (format === 'zip') yield* readSpooled(rest(reader))
    else yield* readTar(unpack[format](rest(reader)))
  } finally {
    await reader.close()
  }
}

function readBytes(bytes: Uint8Array): AsyncGenerator<TarEntry, void, undefined> {
  return formatOf(bytes) === 'gz' ? readTar(gunzipBytes(bytes)) : readArchive([bytes])
}

const unpack = { gz: gunzip, zst: unzstd, tar: (stream: ByteStream): ByteStream => stream }

function formatOf(start: Uint8Array): 'gz' | 'zst' | 'zip' | 'tar' | undefined {
  const magic = Buffer.from(start.subarray(0, 4)).toString('hex')
  if (magic.startsWith('1f8b')) return 'gz'
  if (magic === '28b52ffd') return 'zst'
  if (magic === '504b0304' || magic === '504b0506') return 'zip'
  return start.byteLength === 512 ? 'tar' : undefined
}

function unknownArchive(where: string): WaybillError {
  return new WaybillError('ERR_UNKNOWN_ARCHIVE', `${where}: neither tar, gzip, zstd nor zip`)
}

async function* rest(
  reader: ReturnType<typeof createStreamReader>,
): AsyncGenerator<Uint8Array, void, undefined> {
  for (;;) {
    const chunk = await reader.some(128 * 1024)
    if (chunk.byteLength === 0) return
    yield chunk
  }
}

// What a zip holds is said at its end, and its beginning must not be trusted without.
async function* readSpooled(stream: ByteStream): AsyncGenerator<TarEntry, void, undefined> {
  const folder = await mkdtemp(join(tmpdir(), 'waybill-zip-'))
  try {
    const path = join(folder, 'archive.zip')
    await pipeline(Readable.from(stream), createWriteStream(path, { mode: 0o600 }))
    yield* readZip(path)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
