import type { FileHandle } from 'node:fs/promises'
import { utf8 } from '../tar/pax.ts'
import { SIGNATURE, fromDosTime, invalidZip } from './format.ts'

/** A member as the central directory describes it. */
export interface ZipMember {
  readonly name: Buffer
  readonly path: string
  readonly type: 'file' | 'directory' | 'symlink'
  readonly mode: number
  readonly mtime: number
  readonly method: number
  readonly crc: number
  readonly packed: number
  readonly size: number
  readonly offset: number
  /** Where the next member or the directory begins. */
  readonly end: number
}

// Far more than a release archive holds; a directory is read whole.
const LIMIT = 16 * 1024 * 1024

/** Reads the central directory; members come in its order. @throws {ERR_INVALID_ZIP} */
export async function readDirectory(file: FileHandle): Promise<ZipMember[]> {
  const { size: total } = await file.stat()
  const end = await findEnd(file, total)
  if (end.offset + end.size > end.at || end.size > LIMIT) throw invalidZip('bad directory')
  const bytes = Buffer.alloc(end.size)
  await file.read(bytes, 0, end.size, end.offset)
  const members: Omit<ZipMember, 'end'>[] = []
  let at = 0
  while (at < bytes.byteLength && members.length < end.count) {
    const member = readRecord(bytes, at)
    members.push(member)
    at += 46 + member.name.byteLength + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32)
  }
  if (members.length !== end.count || at !== bytes.byteLength) throw invalidZip('bad directory')
  return withEnds(members, end.offset)
}

function withEnds(members: readonly Omit<ZipMember, 'end'>[], directory: number): ZipMember[] {
  const starts = members.map(({ offset }) => offset).toSorted((a, b) => a - b)
  const ends = new Map(starts.map((start, index) => [start, starts[index + 1] ?? directory]))
  if (ends.size !== members.length) throw invalidZip('two members at one place')
  return members.map((member) => ({ ...member, end: ends.get(member.offset)! }))
}

interface End {
  readonly at: number
  readonly count: number
  readonly size: number
  readonly offset: number
}

async function findEnd(file: FileHandle, total: number): Promise<End> {
  const length = Math.min(total, 22 + 65_535)
  const tail = Buffer.alloc(length)
  await file.read(tail, 0, length, total - length)
  for (let at = length - 22; at >= 0; at--) {
    const fits = tail.readUInt32LE(at) === SIGNATURE.end
    if (!fits || tail.readUInt16LE(at + 20) !== length - at - 22) continue
    const count = tail.readUInt16LE(at + 10)
    const size = tail.readUInt32LE(at + 12)
    const offset = tail.readUInt32LE(at + 16)
    const single = tail.readUInt16LE(at + 4) === 0 && tail.readUInt16LE(at + 8) === count
    if (!single || count === 0xffff || offset === 0xffffffff)
      throw invalidZip('zip64 or several volumes')
    return { at: total - length + at, count, size, offset }
  }
  throw invalidZip('no end record')
}

function readRecord(bytes: Buffer, at: number): Omit<ZipMember, 'end'> {
  if (at + 46 > bytes.byteLength || bytes.readUInt32LE(at) !== SIGNATURE.central)
    throw invalidZip('bad directory record')
  const length = bytes.readUInt16LE(at + 28)
  const after = at + 46 + length + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32)
  if (after > bytes.byteLength) throw invalidZip('truncated directory record')
  const name = bytes.subarray(at + 46, at + 46 + length)
  const path = utf8(name)
  if (path === undefined || path === '' || path.includes('\0')) throw invalidZip('bad name')
  const method = bytes.readUInt16LE(at + 10)
  if ((bytes.readUInt16LE(at + 8) & 1) !== 0) throw invalidZip(`${path}: encrypted`)
  if (method !== 0 && method !== 8) throw invalidZip(`${path}: compression method ${method}`)
  const mode = bytes.readUInt16LE(at + 40)
  return {
    name,
    path: path.replace(/(?<=.)\/+$/, ''),
    type: typeOf(path, mode),
    mode: mode & 0o7777,
    mtime: fromDosTime(bytes.readUInt32LE(at + 12)),
    method,
    crc: bytes.readUInt32LE(at + 16),
    packed: bytes.readUInt32LE(at + 20),
    size: bytes.readUInt32LE(at + 24),
    offset: bytes.readUInt32LE(at + 42),
  }
}

function typeOf(path: string, mode: number): ZipMember['type'] {
  if (path.endsWith('/')) return 'directory'
  return (mode & 0o170000) === 0o120000 ? 'symlink' : 'file'
}
