import { BLOCK, asBuffer, invalidTar, type EntryType } from './entry.ts'
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
export function decodeHeader(bytes: Uint8Array, offset: number): RawHeader {
  const block = asBuffer(bytes)
  checkSum(block, offset)
  const number = (at: number, length: number, what: string): number => {
    const value = parseNumber(block, at, length)
    if (value === undefined || (value < 0 && what !== 'mtime'))
      throw invalidTar(`bad ${what}`, offset)
    return value
  }
  const text = (at: number, length: number, what: string): string => {
    if (block[at] === 0) return ''
    const end = block.indexOf(0, at)
    const value = utf8(block.subarray(at, end < 0 ? at + length : Math.min(end, at + length)))
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
function formatOf(block: Buffer): Format {
  const magic = block.toString('latin1', 257, 265)
  if (magic === 'ustar  \0') return 'gnu'
  if (!magic.startsWith('ustar\0')) return 'v7'
  return block.toString('latin1', 508) === 'tar\0' ? 'star' : 'ustar'
}

// Fields nobody here needs, but which make other readers refuse the header or take it for another format: place and length.
const DEVICES: readonly Field[] = [
  [329, 8],
  [337, 8],
]
const REST: Readonly<Record<Format, readonly Field[]>> = {
  v7: [],
  ustar: DEVICES,
  gnu: [...DEVICES, [345, 12], [357, 12]],
  star: [...DEVICES, [476, 12], [488, 12]],
}

type Field = readonly [at: number, length: number]

function checkRest(block: Uint8Array, format: Format, offset: number): void {
  for (const [at, length] of REST[format])
    if (parseNumber(block, at, length) === undefined)
      throw invalidTar('bad device number or time', offset)
}

// The sum counts its own field as blanks: POSIX.1-2017, pax, "ustar Interchange Format".
const SUM = { at: 148, length: 8, counted: 8 * 0x20 } as const

// Old programs summed signed bytes; both are accepted, as everywhere.
function checkSum(block: Uint8Array, offset: number): void {
  const stored = parseNumber(block, SUM.at, SUM.length)
  const unsigned = sumOf(block, 0, BLOCK) - sumOf(block, SUM.at, SUM.length) + SUM.counted
  if (stored === unsigned || stored === unsigned - 256 * highBytes(block)) return
  throw invalidTar(`header checksum ${stored}, computed ${unsigned}`, offset)
}

function sumOf(block: Uint8Array, from: number, length: number): number {
  let sum = 0
  for (let at = from; at < from + length; at++) sum += block[at]!
  return sum
}

// How many bytes beside the sum itself are negative when they are signed.
function highBytes(block: Uint8Array): number {
  return block.filter((byte, at) => byte > 127 && (at < SUM.at || at >= SUM.at + SUM.length)).length
}
