import { invalidBinary } from '../invalid.ts'
import type { Pages } from '../pages.ts'
import { createView, type View } from '../view.ts'

/** An ELF file that is being read: its header and how to read more. Names follow elf(5). */
export interface Elf {
  readonly pages: Pages
  readonly little: boolean
  readonly wide: boolean
  readonly osabi: number
  readonly type: number
  readonly machine: number
  readonly flags: number
  readonly entry: number
  readonly phoff: number
  readonly phentsize: number
  readonly phnum: number
  readonly shoff: number
  readonly shentsize: number
  readonly shnum: number
  readonly shstrndx: number
  view(offset: number, length: number, what: string): Promise<View>
}

export const ET = { REL: 1, EXEC: 2, DYN: 3, CORE: 4 } as const

/** Reads the ELF header. @throws {ERR_INVALID_BINARY} */
export async function readElfHeader(pages: Pages): Promise<Elf> {
  const ident = await pages.bytes(0, 16, 'the ELF header')
  const [klass, data] = [ident[4]!, ident[5]!]
  if ((klass !== 1 && klass !== 2) || (data !== 1 && data !== 2)) {
    throw invalidBinary(`the ELF header: class ${klass} and byte order ${data}, expected 1 or 2`)
  }
  const options = { little: data === 1, wide: klass === 2 }
  const view = async (offset: number, length: number, what: string): Promise<View> =>
    createView(await pages.bytes(offset, length, what), options)
  const header = await view(0, options.wide ? 64 : 52, 'the ELF header')
  const fields = options.wide ? wideFields(header) : narrowFields(header)
  return extended({ pages, ...options, osabi: ident[7]!, ...fields, view })
}

type Fields = Omit<Elf, 'pages' | 'little' | 'wide' | 'osabi' | 'view'>

function wideFields(header: View): Fields {
  return {
    type: header.u16(16),
    machine: header.u16(18),
    entry: header.u64(24),
    phoff: header.u64(32),
    shoff: header.u64(40),
    flags: header.u32(48),
    phentsize: header.u16(54),
    phnum: header.u16(56),
    shentsize: header.u16(58),
    shnum: header.u16(60),
    shstrndx: header.u16(62),
  }
}

function narrowFields(header: View): Fields {
  return {
    type: header.u16(16),
    machine: header.u16(18),
    entry: header.u32(24),
    phoff: header.u32(28),
    shoff: header.u32(32),
    flags: header.u32(36),
    phentsize: header.u16(42),
    phnum: header.u16(44),
    shentsize: header.u16(46),
    shnum: header.u16(48),
    shstrndx: header.u16(50),
  }
}

// Counts that don't fit in 16 bits stand in the first section header: gABI, chapter "ELF Header".
async function extended(elf: Elf): Promise<Elf> {
  const more = elf.phnum === 0xffff || elf.shnum === 0 || elf.shstrndx === 0xffff
  if (!more || elf.shoff === 0) return elf
  const first = await elf.view(elf.shoff, elf.wide ? 64 : 40, 'the first section header')
  const [size, link, info] = elf.wide ? [32, 40, 44] : [20, 24, 28]
  return {
    ...elf,
    phnum: elf.phnum === 0xffff ? first.u32(info!) : elf.phnum,
    shnum: elf.shnum === 0 ? first.word(size!) : elf.shnum,
    shstrndx: elf.shstrndx === 0xffff ? first.u32(link!) : elf.shstrndx,
  }
}
