import { invalidBinary } from '../invalid.ts'
import type { Pages } from '../pages.ts'
import { createView, type View } from '../view.ts'

/** A section of a PE file. */
export interface PeSection {
  readonly name: string
  readonly address: number
  readonly offset: number
  readonly size: number
  readonly flags: number
}

/** A PE file that is being read: https://learn.microsoft.com/windows/win32/debug/pe-format */
export interface Pe {
  readonly pages: Pages
  readonly machine: number
  readonly flags: number
  readonly symbols: number
  readonly wide: boolean
  readonly dllFlags: number
  /** Data directories, by index: address and size. */
  readonly directories: readonly (readonly [address: number, size: number])[]
  readonly sections: readonly PeSection[]
  view(offset: number, length: number, what: string): Promise<View>
}

const SIGNATURE = 0x0000_4550 // "PE\0\0"

/** Reads the headers. @throws {ERR_INVALID_BINARY} */
export async function readPe(pages: Pages): Promise<Pe> {
  const view = async (offset: number, length: number, what: string): Promise<View> =>
    createView(await pages.bytes(offset, length, what), { little: true, wide: false })
  const start = (await view(0, 64, 'the DOS header')).u32(60)
  const coff = await view(start, 24, 'the PE header')
  if (coff.u32(0) !== SIGNATURE) throw invalidBinary('a DOS program without a PE header')
  const optionalSize = coff.u16(20)
  const optional = await view(start + 24, optionalSize, 'the optional header')
  const magic = optionalSize >= 72 ? optional.u16(0) : 0
  if (magic !== 0x10b && magic !== 0x20b) {
    throw invalidBinary(`the optional header: magic 0x${magic.toString(16)}`)
  }
  const wide = magic === 0x20b
  return {
    pages,
    view,
    wide,
    machine: coff.u16(4),
    symbols: coff.u32(16),
    flags: coff.u16(22),
    dllFlags: optional.u16(70),
    directories: directoriesOf(optional, wide ? 112 : 96),
    sections: await readSections(view, start + 24 + optionalSize, coff.u16(6)),
  }
}

function directoriesOf(optional: View, at: number): [number, number][] {
  if (optional.length < at) return []
  const fitting = Math.floor((optional.length - at) / 8)
  const count = Math.min(optional.u32(at - 4), 16, fitting)
  return Array.from({ length: count }, (_, index) => [
    optional.u32(at + index * 8),
    optional.u32(at + index * 8 + 4),
  ])
}

async function readSections(view: Pe['view'], at: number, count: number): Promise<PeSection[]> {
  const table = await view(at, count * 40, 'the section table')
  return Array.from({ length: count }, (_, index) => {
    const base = index * 40
    const name = Buffer.from(table.bytes.subarray(base, base + 8))
    return {
      name: name.toString('latin1').replace(/\0+$/, ''),
      address: table.u32(base + 12),
      size: table.u32(base + 16),
      offset: table.u32(base + 20),
      flags: table.u32(base + 36),
    }
  })
}

/** Where in the file an address is loaded from. @throws {ERR_INVALID_BINARY} */
export function peOffset({ sections }: Pe, address: number, what: string): number {
  const section = sections.find((one) => address >= one.address && address < one.address + one.size)
  if (section !== undefined) return section.offset + (address - section.address)
  throw invalidBinary(`${what}: no section holds the address 0x${address.toString(16)}`)
}
