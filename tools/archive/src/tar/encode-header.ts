import { WaybillError } from '@waybill/core'
import { BLOCK, type TarInput } from './entry.ts'
import { formatOctal } from './numbers.ts'
import { formatPax } from './pax.ts'

/** A member with nothing left open. */
export interface WholeHeader {
  readonly path: string
  readonly type: TarInput['type']
  readonly mode: number
  readonly uid: number
  readonly gid: number
  readonly mtime: number
  readonly size: number
  readonly linkname: string
}

const FLAGS: Readonly<Record<TarInput['type'], string>> = {
  file: '0',
  hardlink: '1',
  symlink: '2',
  directory: '5',
}

/** Fills in the defaults and checks what must not be written. @throws {ERR_INVALID_ENTRY} */
export function completeHeader(entry: TarInput): WholeHeader {
  const { path, type, linkname = '' } = entry
  const link = type === 'symlink' || type === 'hardlink'
  const size = type === 'file' ? (entry.size ?? sizeOf(entry.content)) : 0
  if (!Object.hasOwn(FLAGS, type)) throw invalidEntry(path, `type ${type} can't be written`)
  if (!isPlainPath(path)) throw invalidEntry(path, 'expected a relative path without . and ..')
  if (link !== (linkname !== '')) throw invalidEntry(path, `${type} with linkname "${linkname}"`)
  if (linkname.includes('\0')) throw invalidEntry(path, 'NUL in its linkname')
  const numbers = { uid: entry.uid ?? 0, gid: entry.gid ?? 0, mtime: entry.mtime ?? 0, size }
  for (const [name, value] of Object.entries(numbers)) {
    if (!Number.isSafeInteger(value) || (value < 0 && name !== 'mtime'))
      throw invalidEntry(path, `expected a whole ${name}, found ${value}`)
  }
  const mode = entry.mode ?? (link ? 0o777 : type === 'directory' ? 0o755 : 0o644)
  return { path, type, linkname, mode: mode & 0o7777, ...numbers }
}

function sizeOf(content: TarInput['content']): number {
  return content instanceof Uint8Array ? content.byteLength : 0
}

function isPlainPath(path: string): boolean {
  const parts = path.split('/')
  return !path.includes('\0') && parts.every((part) => part !== '' && part !== '.' && part !== '..')
}

/** The error for a member that must not be written. */
export function invalidEntry(path: string, problem: string): WaybillError {
  return new WaybillError('ERR_INVALID_ENTRY', `${JSON.stringify(path)}: ${problem}`)
}

/** The header blocks of a member: one in ustar, with a pax header before it where ustar can't say it. */
export function encodeHeader(header: WholeHeader): Uint8Array {
  const name = header.type === 'directory' ? `${header.path}/` : header.path
  const fields = {
    name: splitName(name),
    link: Buffer.byteLength(header.linkname) <= 100 ? header.linkname : undefined,
    uid: formatOctal(header.uid, 8),
    gid: formatOctal(header.gid, 8),
    size: formatOctal(header.size, 12),
    mtime: formatOctal(header.mtime, 12),
  }
  const records: [string, string][] = []
  if (fields.gid === undefined) records.push(['gid', `${header.gid}`])
  if (fields.link === undefined) records.push(['linkpath', header.linkname])
  if (fields.mtime === undefined) records.push(['mtime', `${header.mtime}`])
  if (fields.name === undefined) records.push(['path', name])
  if (fields.size === undefined) records.push(['size', `${header.size}`])
  if (fields.uid === undefined) records.push(['uid', `${header.uid}`])
  const main = ustar({
    ...fields,
    name: fields.name ?? { prefix: '', name: clip(name) },
    link: fields.link ?? clip(header.linkname),
    mode: formatOctal(header.mode, 8),
    flag: FLAGS[header.type],
  })
  return records.length === 0 ? main : Buffer.concat([paxHeader(records), main])
}

// At most 100 bytes in `name`, or that with up to 155 in `prefix`, cut at a slash.
function splitName(path: string): { prefix: string; name: string } | undefined {
  if (Buffer.byteLength(path) <= 100) return { prefix: '', name: path }
  for (let at = path.indexOf('/'); at > 0; at = path.indexOf('/', at + 1)) {
    const [prefix, name] = [path.slice(0, at), path.slice(at + 1)]
    if (Buffer.byteLength(prefix) > 155) return undefined
    if (name !== '' && Buffer.byteLength(name) <= 100) return { prefix, name }
  }
  return undefined
}

// What an old program shows that knows no pax; never a broken character.
function clip(text: string): string {
  return text.slice(0, 33)
}

function paxHeader(records: readonly [string, string][]): Uint8Array {
  const content = formatPax(records)
  const header = ustar({
    name: { prefix: '', name: 'PaxHeader' },
    mode: formatOctal(0o644, 8),
    size: formatOctal(content.byteLength, 12),
    flag: 'x',
  })
  return Buffer.concat([header, content, padding(content.byteLength)])
}

/** Zeros up to the next whole block. */
export function padding(size: number): Uint8Array {
  return new Uint8Array((BLOCK - (size % BLOCK)) % BLOCK)
}

interface UstarFields {
  readonly name: { readonly prefix: string; readonly name: string }
  readonly mode: string | undefined
  readonly uid?: string | undefined
  readonly gid?: string | undefined
  readonly size?: string | undefined
  readonly mtime?: string | undefined
  readonly link?: string
  readonly flag: string
}

const ZERO_8 = '0000000\0'
const ZERO_12 = '00000000000\0'

function ustar(fields: UstarFields): Uint8Array {
  const block = Buffer.alloc(BLOCK)
  block.write(fields.name.name, 0)
  block.write(fields.mode ?? ZERO_8, 100)
  block.write(fields.uid ?? ZERO_8, 108)
  block.write(fields.gid ?? ZERO_8, 116)
  block.write(fields.size ?? ZERO_12, 124)
  block.write(fields.mtime ?? ZERO_12, 136)
  block.fill(' ', 148, 156)
  block.write(fields.flag, 156)
  block.write(fields.link ?? '', 157)
  block.write('ustar\x0000', 257)
  block.write(ZERO_8 + ZERO_8, 329) // device numbers
  block.write(fields.name.prefix, 345)
  block.write(`${formatOctal(sum(block), 7)!} `, 148)
  return block
}

/** The plain sum of all bytes, which is a header's checksum when its checksum field holds blanks. */
function sum(block: Uint8Array): number {
  let total = 0
  for (const byte of block) total += byte
  return total
}
