import { WaybillError, isWaybillError } from '@waybill/core'
import { inspectElf } from './elf/inspect-elf.ts'
import type { BinaryFacts } from './facts.ts'
import { inspectMachO, isMachO } from './macho/inspect-macho.ts'
import { createPages, type Pages } from './pages.ts'
import { inspectPe } from './pe/inspect-pe.ts'
import { withFileReader, type ByteReader } from './reader.ts'

export interface InspectOptions {
  /** How the binary is called in errors. @default the file's path */
  readonly name?: string
}

/**
 * Reads what a binary is and needs: ELF, PE or Mach-O. Reads headers and named sections only, never the whole file.
 * @throws {ERR_NOT_A_BINARY} for any other format, {ERR_INVALID_BINARY} for one that contradicts itself, {ERR_FILE_MISSING}.
 */
export async function inspect(
  file: string | ByteReader,
  options: InspectOptions = {},
): Promise<BinaryFacts> {
  if (typeof file === 'string') {
    return withFileReader(file, (reader) => inspect(reader, { name: file, ...options }))
  }
  const name = options.name ?? 'the file'
  try {
    return await inspectPages(createPages(file), name)
  } catch (error) {
    throw isWaybillError(error, 'ERR_INVALID_BINARY') ? named(error, name) : error
  }
}

async function inspectPages(pages: Pages, name: string): Promise<BinaryFacts> {
  const start = await pages.bytes(0, Math.min(64, pages.size), 'the header')
  if (hasPrefix(start, [0x7f, 0x45, 0x4c, 0x46])) return inspectElf(pages)
  if (hasPrefix(start, [0x4d, 0x5a])) return inspectPe(pages)
  if (isMachO(start)) return inspectMachO(pages)
  throw notABinary(name, start)
}

const hasPrefix = (bytes: Uint8Array, prefix: readonly number[]): boolean =>
  prefix.every((byte, index) => bytes[index] === byte)

function named(error: WaybillError, name: string): WaybillError {
  return new WaybillError('ERR_INVALID_BINARY', `${name}: ${error.message}`, {
    ...(error.hint === undefined ? {} : { hint: error.hint }),
    details: { ...error.details, name },
    cause: error,
  })
}

function notABinary(name: string, start: Uint8Array): WaybillError {
  const script = hasPrefix(start, [0x23, 0x21])
  const found = script
    ? 'a script'
    : start.byteLength === 0
      ? 'an empty file'
      : `the bytes ${Buffer.from(start.subarray(0, 4)).toString('hex')}`
  return new WaybillError(
    'ERR_NOT_A_BINARY',
    `${name}: expected an ELF, PE or Mach-O binary, found ${found}`,
    { hint: 'Name a compiled program or library.', details: { name } },
  )
}
