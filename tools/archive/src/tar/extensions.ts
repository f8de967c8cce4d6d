import type { StreamReader } from '../stream-reader.ts'
import { typeOf, type RawHeader } from './decode-header.ts'
import { BLOCK, invalidTar, type EntryType, type TarHeader } from './entry.ts'
import { parsePax, utf8, type PaxRecords } from './pax.ts'

/** What extension headers said of the member that follows them. */
export interface Extensions {
  /** GNU long name and long link name. */
  readonly name?: string
  readonly linkname?: string
  readonly pax?: PaxRecords
}

// Far above what any real archive holds, far below what hurts.
const LIMIT = 1024 * 1024

/** Whether a header extends the one that follows it. */
export const isExtension = ({ flag }: RawHeader): boolean => 'LKxg'.includes(flag)

/** Reads an extension header's content. @throws {ERR_INVALID_TAR} */
export async function readExtension(
  raw: RawHeader,
  before: Extensions,
  reader: StreamReader,
): Promise<Extensions> {
  const offset = reader.offset
  const content = await contentOf(raw, reader)
  if (raw.flag === 'g') {
    checkGlobal(parsePax(content, offset), offset)
    return before
  }
  const key = raw.flag === 'L' ? 'name' : raw.flag === 'K' ? 'linkname' : 'pax'
  if (before[key] !== undefined)
    throw invalidTar(`extension header ${raw.flag} given twice`, offset)
  return { ...before, [key]: key === 'pax' ? parsePax(content, offset) : longName(content, offset) }
}

async function contentOf(raw: RawHeader, reader: StreamReader): Promise<Uint8Array> {
  const offset = reader.offset
  if (raw.size > LIMIT) throw invalidTar(`extension header of ${raw.size} bytes`, offset)
  const padded = Math.ceil(raw.size / BLOCK) * BLOCK
  const content = await reader.take(padded)
  if (content.byteLength < padded) throw invalidTar('truncated extension header', offset)
  return content.subarray(0, raw.size)
}

// Programs disagree on global records that change a member (Go ignores them, GNU tar applies them), so none is accepted.
function checkGlobal(records: PaxRecords, offset: number): void {
  for (const key of records.keys()) {
    if (['path', 'linkpath', 'size'].includes(key) || key.startsWith('GNU.sparse.'))
      throw invalidTar(`global pax record "${key}"`, offset)
  }
}

function longName(bytes: Uint8Array, offset: number): string {
  const end = bytes.indexOf(0)
  const name = utf8(end < 0 ? bytes : bytes.subarray(0, end))
  if (name === undefined || name === '') throw invalidTar('bad long name', offset)
  return name
}

// Engines keep their own marks in these: where a layer brings one, a folder shows what lies elsewhere, and a file is another (overlayfs, "redirect_dir").
const OBEYED =
  /^SCHILY\.xattr\.(?:trusted\.overlay\.|user\.overlay\.|user\.fuseoverlayfs\.|user\.containers\.override_stat$)/

const NO_RECORDS: PaxRecords = new Map()

/** A member's header with what its extension headers say. @throws {ERR_INVALID_TAR} */
export function applyExtensions(raw: RawHeader, extensions: Extensions, offset: number): TarHeader {
  const pax = extensions.pax ?? NO_RECORDS
  const named = paxText(pax, 'path') ?? extensions.name ?? raw.name
  const linkname = paxText(pax, 'linkpath') ?? extensions.linkname ?? raw.linkname
  const type = memberType(raw, named, offset)
  for (const key of pax.keys()) {
    if (key.startsWith('GNU.sparse.')) throw invalidTar('sparse file', offset)
    if (OBEYED.test(key)) throw invalidTar(`attribute ${JSON.stringify(key.slice(0, 80))}`, offset)
  }
  const size = paxNumber(pax, 'size', offset) ?? raw.size
  const path = named.endsWith('/') ? named.replace(/\/+$/, '') : named
  if (named === '') throw invalidTar('member without a name', offset)
  return {
    path: path === '' ? '/' : path,
    type,
    mode: raw.mode,
    uid: paxNumber(pax, 'uid', offset) ?? raw.uid,
    gid: paxNumber(pax, 'gid', offset) ?? raw.gid,
    mtime: paxNumber(pax, 'mtime', offset) ?? raw.mtime,
    size: type === 'file' ? size : 0, // as Go's reader and so every container runtime does
    ...(type === 'symlink' || type === 'hardlink' ? { linkname } : {}),
  }
}

// Before POSIX a folder was a file whose name ends with a slash; with POSIX's own flag some programs see a file in that.
function memberType(raw: RawHeader, path: string, offset: number): EntryType {
  const type = typeOf(raw.flag)
  if (type === undefined) throw invalidTar(`member of type ${JSON.stringify(raw.flag)}`, offset)
  if (type !== 'file' || !path.endsWith('/')) return type
  if (raw.flag !== '\0' || raw.size > 0)
    throw invalidTar('file whose name ends with a slash', offset)
  return 'directory'
}

function paxText(pax: PaxRecords, key: string): string | undefined {
  const value = pax.get(key)
  return value === '' ? undefined : value // an empty value takes the record back
}

function paxNumber(pax: PaxRecords, key: string, offset: number): number | undefined {
  const value = pax.get(key)
  if (value === undefined || value === '') return undefined
  const pattern = key === 'mtime' ? /^-?\d{1,15}(?:\.\d*)?$/ : /^\d{1,16}$/
  const number = Math.floor(Number(value))
  if (!pattern.test(value) || !Number.isSafeInteger(number))
    throw invalidTar(`pax record "${key}" is ${JSON.stringify(value.slice(0, 40))}`, offset)
  return number
}
