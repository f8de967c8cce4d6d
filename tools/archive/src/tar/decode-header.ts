import { BLOCK, invalidTar, type EntryType } from './entry.ts'
import { parseNumber } from './numbers.ts'
import { utf8 } from './pax.ts'

/** A header block as it stands, before extension headers change it. */
export interface RawHeader {
  readonly name: string
  readonly mode: number
  readonly uid: number
  readonly gid: number
  readonly size: number
  readonly mtime: number
  readonly flag: string
  readonly linkname: string
}

const TYPES: Readonly<Record<string, EntryType>> = {
  '0': 'file',
  '\0': 'file',
  '1': 'hardlink',
  '2': 'symlink',
  '3': 'character-device',
  '4': 'block-device',
  '5': 'directory',
  '6': 'fifo',
}

/** The type a flag stands for; undefined for one that is not known. */
export function typeOf(flag: string): EntryType | undefined {
  return Object.hasOwn(TYPES, flag) ? TYPES[flag] : undefined
}

/**
 * Reads one header block.
 * @throws {ERR_INVALID_TAR}
 */
export function decodeHeader(block: Uint8Array, offset: number): RawHeader {
  checkSum(block, offset)
  const number = (at: number, length: number, what: string): number => {
    const value = parseNumber(block.subarray(at, at + length))
    if (value === undefined || (value < 0 && what !== 'mtime'))
      throw invalidTar(`bad ${what}`, offset)
    return value
  }
  const text = (at: number, length: number, what: string): string => {
    const field = block.subarray(at, at + length)
    const end = field.indexOf(0)
    const value = utf8(end < 0 ? field : field.subarray(0, end))
    if (value === undefined) throw invalidTar(`${what} that is not UTF-8`, offset)
    return value
  }
  const format = formatOf(block)
  const prefix = PREFIXES[format] === 0 ? '' : text(345, PREFIXES[format], 'prefix')
  checkRest(block, format, offset)
  const name = text(0, 100, 'name')
  return {
    name: prefix === '' ? name : `${prefix}/${name}`,
    mode: number(100, 8, 'mode') & 0o7777,
    uid: number(108, 8, 'uid'),
    gid: number(116, 8, 'gid'),
    size: number(124, 12, 'size'),
    mtime: number(136, 12, 'mtime'),
    flag: String.fromCharCode(block[156]!),
    linkname: text(157, 100, 'linkname'),
  }
}

type Format = 'ustar' | 'star' | 'gnu' | 'v7'

const PREFIXES: Readonly<Record<Format, number>> = { ustar: 155, star: 131, gnu: 0, v7: 0 }

// GNU's own format says `ustar` with blanks and keeps other things where POSIX has the prefix.
function formatOf(block: Uint8Array): Format {
  const magic = Buffer.from(block.subarray(257, 265)).toString('latin1')
  if (magic === 'ustar  \0') return 'gnu'
  if (!magic.startsWith('ustar\0')) return 'v7'
  return Buffer.from(block.subarray(508)).toString('latin1') === 'tar\0' ? 'star' : 'ustar'
}

// Fields nobody here needs, but which make other readers refuse the header or take it for another format.
function checkRest(block: Uint8Array, format: Format, offset: number): void {
  const fields = format === 'v7' ? [] : [block.subarray(329, 337), block.subarray(337, 345)]
  const times = format === 'gnu' ? [block.subarray(345, 357), block.subarray(357, 369)] : []
  const starTimes = format === 'star' ? [block.subarray(476, 488), block.subarray(488, 500)] : []
  for (const field of [...fields, ...times, ...starTimes])
    if (parseNumber(field) === undefined) throw invalidTar('bad device number or time', offset)
}

// Old programs summed signed bytes; both are accepted, as everywhere.
function checkSum(block: Uint8Array, offset: number): void {
  const stored = parseNumber(block.subarray(148, 156))
  let unsigned = 0
  let signed = 0
  for (let at = 0; at < BLOCK; at++) {
    const byte = at >= 148 && at < 156 ? 0x20 : block[at]!
    unsigned += byte
    signed += byte > 127 ? byte - 256 : byte
  }
  if (stored !== unsigned && stored !== signed) {
    throw invalidTar(`header checksum ${stored}, computed ${unsigned}`, offset)
  }
}
