import type { Elf } from './header.ts'
import { invalidBinary } from '../invalid.ts'

/** A section header with its name. */
export interface Section {
  readonly name: string
  readonly type: number
  readonly flags: number
  readonly offset: number
  readonly size: number
  readonly link: number
  readonly entsize: number
  readonly align: number
}

export const SHT = { PROGBITS: 1, SYMTAB: 2, NOTE: 7, NOBITS: 8, DYNSYM: 11 } as const

// Objects of one section a function have more; their first sections are enough for what is asked.
const MAX_SECTIONS = 16_384

/** Reads the section headers, if there are any. @throws {ERR_INVALID_BINARY} */
export async function readSections(elf: Elf): Promise<readonly Section[]> {
  if (elf.shoff === 0 || elf.shnum === 0) return []
  const size = elf.wide ? 64 : 40
  if (elf.shentsize !== size) throw invalidBinary(`section headers of ${elf.shentsize} bytes`)
  const count = Math.min(elf.shnum, MAX_SECTIONS)
  const table = await elf.view(elf.shoff, count * size, 'the section headers')
  const at = elf.wide
    ? { flags: 8, offset: 24, size: 32, link: 40, align: 48, entsize: 56 }
    : { flags: 8, offset: 16, size: 20, link: 24, align: 32, entsize: 36 }
  const names = await namesOf(elf, size)
  const sections: Section[] = []
  for (let index = 0; index < count; index++) {
    const base = index * size
    sections.push({
      name: await names(table.u32(base)),
      type: table.u32(base + 4),
      flags: table.word(base + at.flags),
      offset: table.word(base + at.offset),
      size: table.word(base + at.size),
      link: table.u32(base + at.link),
      align: table.word(base + at.align),
      entsize: table.word(base + at.entsize),
    })
  }
  return sections
}

async function namesOf(elf: Elf, size: number): Promise<(at: number) => Promise<string>> {
  if (elf.shstrndx === 0) return () => Promise.resolve('')
  const header = await elf.view(elf.shoff + elf.shstrndx * size, size, 'the section names')
  const offset = header.word(elf.wide ? 24 : 16)
  return (at) => elf.pages.cstring(offset + at, 'the section names')
}
