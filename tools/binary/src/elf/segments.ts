import { invalidBinary } from '../invalid.ts'
import type { Elf } from './header.ts'

/** A program header. */
export interface Segment {
  readonly type: number
  readonly flags: number
  readonly offset: number
  readonly vaddr: number
  readonly filesz: number
  readonly memsz: number
  readonly align: number
}

export const PT = {
  LOAD: 1,
  DYNAMIC: 2,
  INTERP: 3,
  NOTE: 4,
  GNU_STACK: 0x6474e551,
} as const

const MAX_SEGMENTS = 65_536

/** Reads all program headers. @throws {ERR_INVALID_BINARY} also where a loaded segment ends behind the file: it is truncated. */
export async function readSegments(elf: Elf): Promise<readonly Segment[]> {
  if (elf.phnum === 0) return []
  const size = elf.wide ? 56 : 32
  if (elf.phentsize !== size || elf.phnum > MAX_SEGMENTS) {
    throw invalidBinary(`the program headers: ${elf.phnum} of ${elf.phentsize} bytes`)
  }
  const table = await elf.view(elf.phoff, size * elf.phnum, 'the program headers')
  const at = elf.wide
    ? { flags: 4, offset: 8, vaddr: 16, filesz: 32, memsz: 40, align: 48 }
    : { flags: 24, offset: 4, vaddr: 8, filesz: 16, memsz: 20, align: 28 }
  return Array.from({ length: elf.phnum }, (_, index) => {
    const base = index * size
    return {
      type: table.u32(base),
      flags: table.u32(base + at.flags),
      offset: table.word(base + at.offset),
      vaddr: table.word(base + at.vaddr),
      filesz: table.word(base + at.filesz),
      memsz: table.word(base + at.memsz),
      align: table.word(base + at.align),
    }
  })
}

/** Checks that the file holds all that shall be loaded. @throws {ERR_INVALID_BINARY} */
export function checkComplete(segments: readonly Segment[], size: number): void {
  for (const { type, offset, filesz } of segments) {
    if (type !== PT.LOAD || filesz === 0 || offset + filesz <= size) continue
    throw invalidBinary(
      `truncated: a segment ends at byte ${offset + filesz}, the file at byte ${size}`,
    )
  }
}

/** Where in the file an address is loaded from. @throws {ERR_INVALID_BINARY} */
export function fileOffset(segments: readonly Segment[], address: number, what: string): number {
  for (const { type, vaddr, filesz, offset } of segments) {
    if (type === PT.LOAD && address >= vaddr && address < vaddr + filesz) {
      return offset + (address - vaddr)
    }
  }
  throw invalidBinary(`${what}: no segment holds the address 0x${address.toString(16)}`)
}
