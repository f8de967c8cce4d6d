import { isAscii } from 'node:buffer'
import { asBuffer, invalidTar } from './entry.ts'

/** The records of one pax header, by key. POSIX.1-2017, pax, "pax Extended Header". */
export type PaxRecords = ReadonlyMap<string, string>

/** Writes records as `length key=value\n`, the length counting itself. */
export function formatPax(records: Iterable<readonly [string, string]>): Uint8Array {
  return Buffer.from([...records].map(([key, value]) => formatRecord(key, value)).join(''))
}

function formatRecord(key: string, value: string): string {
  const rest = Buffer.byteLength(` ${key}=${value}\n`)
  let length = rest + String(rest).length
  if (rest + String(length).length !== length) length = rest + String(length).length
  return `${length} ${key}=${value}\n`
}

/**
 * Reads the records of a pax header.
 * @throws {ERR_INVALID_TAR}
 */
export function parsePax(bytes: Uint8Array, offset: number): PaxRecords {
  const records = new Map<string, string>()
  for (let at = 0; at < bytes.byteLength;) {
    const record = readRecord(bytes, at)
    if (record === undefined) throw invalidTar('malformed pax record', offset + at)
    if (records.has(record.key)) {
      throw invalidTar(`pax record ${JSON.stringify(record.key)} given twice`, offset + at)
    }
    records.set(record.key, record.value)
    at = record.end
  }
  return records
}

interface PaxRecord {
  readonly key: string
  readonly value: string
  readonly end: number
}

function readRecord(bytes: Uint8Array, at: number): PaxRecord | undefined {
  const space = bytes.indexOf(0x20, at)
  if (space < 0 || space - at > 8) return undefined
  const digits = latin1(bytes.subarray(at, space))
  const end = at + Number(digits)
  if (!/^[1-9]\d*$/.test(digits) || end > bytes.byteLength || end < space + 3) return undefined
  const equals = bytes.indexOf(0x3d, space + 1)
  if (equals <= space + 1 || equals >= end || bytes[end - 1] !== 0x0a) return undefined
  const key = utf8(bytes.subarray(space + 1, equals))
  const value = latin1OrUtf8(key, bytes.subarray(equals + 1, end - 1))
  if (key === undefined || value === undefined || hasStrayNul(key, value)) return undefined
  return { key, value, end }
}

const NAMES: ReadonlySet<string> = new Set(['path', 'linkpath', 'uname', 'gname'])

// Go, and so every container runtime, refuses a NUL in a key and in a name.
const hasStrayNul = (key: string, value: string): boolean =>
  (NAMES.has(key) ? value : key).includes('\0')

const latin1 = (bytes: Uint8Array): string => asBuffer(bytes).toString('latin1')

// Extended attributes hold any bytes; nothing here reads them, but they are no reason to refuse an archive.
function latin1OrUtf8(key: string | undefined, bytes: Uint8Array): string | undefined {
  return key?.includes('.') === true ? latin1(bytes) : utf8(bytes)
}

/** Decodes UTF-8; undefined where it is none. */
export function utf8(bytes: Uint8Array): string | undefined {
  if (isAscii(bytes)) return asBuffer(bytes).toString('latin1') // a hundred times for each that is not
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
  }
}
