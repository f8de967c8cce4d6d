import { WaybillError } from '@waybill/core'
import { deflateRaw, type Sums } from '../deflate.ts'
import { completeHeader, type WholeHeader } from '../tar/encode-header.ts'
import type { TarInput } from '../tar/entry.ts'
import { exactly, openContent } from '../tar/write-tar.ts'
import { SIGNATURE, toDosTime } from './format.ts'

interface Written {
  readonly name: Buffer
  readonly header: WholeHeader
  readonly crc: number
  readonly size: number
  readonly packed: number
  readonly offset: number
}

/**
 * Writes a zip file of files and folders: the same bytes for the same entries, in the order given. Times are UTC, in even seconds, 1980 at the earliest.
 * Neither the file nor a member may reach 4 GiB (no zip64).
 * @throws {ERR_INVALID_ENTRY} {ERR_WRONG_SIZE} {ERR_TOO_LARGE}
 */
export async function* writeZip(
  entries: Iterable<TarInput> | AsyncIterable<TarInput>,
  options: { readonly level: number },
): AsyncGenerator<Uint8Array, void, undefined> {
  const written: Written[] = []
  let offset = 0
  for await (const entry of entries) {
    const header = checked(entry)
    const name = Buffer.from(header.type === 'directory' ? `${header.path}/` : header.path)
    const sums: Sums = { crc: 0, size: 0 }
    let packed = 0
    yield localHeader(name, header)
    if (header.type === 'file') {
      const content = exactly(openContent(entry), header.size, header.path)
      for await (const chunk of deflateRaw(content, options.level, sums)) {
        packed += chunk.byteLength
        yield chunk
      }
      yield descriptor(sums, packed)
    }
    written.push({ name, header, ...sums, packed, offset })
    offset += 30 + name.byteLength + packed + (header.type === 'file' ? 16 : 0)
    if (offset >= 2 ** 32 - 1) throw tooLarge(header.path)
  }
  yield* centralDirectory(written, offset)
}

function checked(entry: TarInput): WholeHeader {
  const header = completeHeader(entry)
  if (header.type !== 'file' && header.type !== 'directory') {
    throw new WaybillError('ERR_INVALID_ENTRY', `${header.path}: a zip holds no ${header.type}`)
  }
  if (header.size >= 2 ** 32 - 1) throw tooLarge(header.path)
  return header
}

function tooLarge(path: string): WaybillError {
  return new WaybillError('ERR_TOO_LARGE', `${path}: zip ends at 4 GiB`, {
    hint: 'Use the format tar.gz.',
  })
}

// Sizes and checksum come after the content (flag bit 3); names are UTF-8 (bit 11).
const flagsOf = (header: WholeHeader): number => (header.type === 'file' ? 0x0808 : 0x0800)
const methodOf = (header: WholeHeader): number => (header.type === 'file' ? 8 : 0)

function localHeader(name: Buffer, header: WholeHeader): Uint8Array {
  const bytes = Buffer.alloc(30)
  bytes.writeUInt32LE(SIGNATURE.local, 0)
  bytes.writeUInt16LE(20, 4)
  bytes.writeUInt16LE(flagsOf(header), 6)
  bytes.writeUInt16LE(methodOf(header), 8)
  bytes.writeUInt32LE(toDosTime(header.mtime), 10)
  bytes.writeUInt16LE(name.byteLength, 26)
  return Buffer.concat([bytes, name])
}

function descriptor(sums: Sums, packed: number): Uint8Array {
  const bytes = Buffer.alloc(16)
  bytes.writeUInt32LE(SIGNATURE.descriptor, 0)
  bytes.writeUInt32LE(sums.crc, 4)
  bytes.writeUInt32LE(packed, 8)
  bytes.writeUInt32LE(sums.size, 12)
  return bytes
}

function* centralDirectory(written: readonly Written[], offset: number): Generator<Uint8Array> {
  const records = written.map(centralRecord)
  const size = records.reduce((sum, record) => sum + record.byteLength, 0)
  yield* records
  const end = Buffer.alloc(22)
  end.writeUInt32LE(SIGNATURE.end, 0)
  end.writeUInt16LE(written.length, 8)
  end.writeUInt16LE(written.length, 10)
  end.writeUInt32LE(size, 12)
  end.writeUInt32LE(offset, 16)
  yield end
}

function centralRecord({ name, header, crc, size, packed, offset }: Written): Uint8Array {
  const directory = header.type === 'directory'
  const bytes = Buffer.alloc(46)
  bytes.writeUInt32LE(SIGNATURE.central, 0)
  bytes.writeUInt16LE((3 << 8) | 20, 4) // made on Unix, so that the mode counts
  bytes.writeUInt16LE(20, 6)
  bytes.writeUInt16LE(flagsOf(header), 8)
  bytes.writeUInt16LE(methodOf(header), 10)
  bytes.writeUInt32LE(toDosTime(header.mtime), 12)
  bytes.writeUInt32LE(crc, 16)
  bytes.writeUInt32LE(packed, 20)
  bytes.writeUInt32LE(size, 24)
  bytes.writeUInt16LE(name.byteLength, 28)
  const mode = (directory ? 0o040000 : 0o100000) | header.mode
  bytes.writeUInt32LE(mode * 65_536 + (directory ? 0x10 : 0), 38)
  bytes.writeUInt32LE(offset, 42)
  return Buffer.concat([bytes, name])
}
