import { createReadStream } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'
import { counted, type Sums } from '../deflate.ts'
import { inflateRaw } from '../inflate.ts'
import { createStreamReader } from '../stream-reader.ts'
import type { TarEntry } from '../tar/entry.ts'
import { readDirectory, type ZipMember } from './directory.ts'
import { SIGNATURE, invalidZip } from './format.ts'

/**
 * Reads a zip file by its central directory, in constant memory. Members that overlap, whose two headers disagree, that are encrypted or compressed
 * otherwise than by deflate, and zip64 are refused; checksums and lengths are checked.
 * @throws {ERR_INVALID_ZIP}
 */
export async function* readZip(path: string): AsyncGenerator<TarEntry, void, undefined> {
  const file = await open(path)
  try {
    for (const member of await readDirectory(file)) {
      const start = await contentStart(file, member)
      const { path: name, type, mode, mtime, size } = member
      const content = { [Symbol.asyncIterator]: () => contentOf(path, member, start) }
      yield { path: name, type, mode, mtime, size, uid: 0, gid: 0, content }
    }
  } finally {
    await file.close()
  }
}

async function contentStart(file: FileHandle, member: ZipMember): Promise<number> {
  const header = Buffer.alloc(30)
  await file.read(header, 0, 30, member.offset)
  if (header.readUInt32LE(0) !== SIGNATURE.local)
    throw invalidZip(`${member.path}: no local header`)
  const length = header.readUInt16LE(26)
  const name = Buffer.alloc(length)
  await file.read(name, 0, length, member.offset + 30)
  if (!name.equals(member.name) || header.readUInt16LE(8) !== member.method)
    throw invalidZip(`${member.path}: local header and directory disagree`)
  const start = member.offset + 30 + length + header.readUInt16LE(28)
  if (start + member.packed > member.end) throw invalidZip(`${member.path}: overlaps what follows`)
  return start
}

async function* contentOf(
  path: string,
  member: ZipMember,
  start: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  if (member.packed === 0 && member.size === 0) return
  const sums: Sums = { crc: 0, size: 0 }
  const invalid = (message: string): Error => invalidZip(`${member.path}: ${message}`)
  const packed =
    member.packed === 0 ? [] : createReadStream(path, { start, end: start + member.packed - 1 })
  const reader = createStreamReader(packed as AsyncIterable<Uint8Array>)
  try {
    const content =
      member.method === 0 ? (packed as AsyncIterable<Uint8Array>) : inflateRaw(reader, invalid)
    for await (const chunk of counted(content, sums)) {
      if (sums.size > member.size) throw invalid(`more than its ${member.size} bytes`)
      yield chunk
    }
    if (sums.size !== member.size) throw invalid(`${sums.size} bytes of ${member.size}`)
    if (sums.crc !== member.crc) throw invalid('wrong checksum')
  } finally {
    await reader.close()
  }
}
