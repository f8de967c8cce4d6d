import { createReadStream } from 'node:fs'
import { gunzip, readTar, unzstd, type TarEntry } from '@waybill/archive'
import { collect, type ByteStream } from '@waybill/core'
import { invalidDeb, readAr } from './ar.ts'
import { unxz } from './xz.ts'

/**
 * Reads one of the two archives in a .deb file, compressed with xz, gzip, zstd (where the runtime has it) or not at all. deb(5).
 * @throws {ERR_INVALID_DEB} {ERR_INVALID_TAR} {ERR_INVALID_XZ} {ERR_INVALID_GZIP} {ERR_INVALID_ZSTD}
 */
export async function* readDeb(
  path: string,
  part: 'control' | 'data',
): AsyncGenerator<TarEntry, void, undefined> {
  const file = createReadStream(path, { highWaterMark: 128 * 1024 }) as AsyncIterable<Uint8Array>
  for await (const member of readAr(file, path)) {
    if (!member.name.startsWith(`${part}.tar`)) continue
    yield* readTar(unpack(member.name, member.content, path))
    return
  }
  throw invalidDeb(path, `no ${part}.tar`)
}

function unpack(name: string, content: ByteStream, path: string): ByteStream {
  const ending = name.replace(/^.*\.tar\.?/, '')
  if (ending === '') return content
  if (ending === 'xz') return unxz(content, path)
  if (ending === 'gz') return gunzip(content)
  if (ending === 'zst') return unzstd(content)
  throw invalidDeb(path, `${name}: unknown compression`)
}

// Far above any real control file.
const LIMIT = 8 * 1024 * 1024

/** What dpkg knows of a package: its control file and the md5sums of its files. */
export async function readControl(
  path: string,
): Promise<{ readonly control: Uint8Array; readonly md5sums: Uint8Array }> {
  const files = new Map<string, Uint8Array>()
  for await (const entry of readDeb(path, 'control')) {
    const name = entry.path.replace(/^\.\//, '')
    if (name === 'control' || name === 'md5sums') {
      files.set(name, await collect(entry.content, LIMIT, `${path}: ${name}`))
    }
  }
  const control = files.get('control')
  if (control === undefined) throw invalidDeb(path, 'no control file')
  return { control, md5sums: files.get('md5sums') ?? new Uint8Array(0) }
}
