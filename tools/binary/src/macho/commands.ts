import { invalidBinary } from '../invalid.ts'
import type { Pages } from '../pages.ts'
import { createView, type View } from '../view.ts'

/** A section of a Mach-O segment. */
export interface MachOSection {
  readonly name: string
  readonly offset: number
  readonly size: number
}

/** A Mach-O file that is being read: <mach-o/loader.h> */
export interface MachO {
  readonly pages: Pages
  readonly wide: boolean
  readonly little: boolean
  readonly cpu: number
  readonly type: number
  readonly flags: number
  readonly commands: readonly Command[]
}

export interface Command {
  readonly type: number
  readonly data: View
}

const MAGICS: Readonly<Record<number, { readonly wide: boolean; readonly little: boolean }>> = {
  0xfeedface: { wide: false, little: false },
  0xcefaedfe: { wide: false, little: true },
  0xfeedfacf: { wide: true, little: false },
  0xcffaedfe: { wide: true, little: true },
}
const MAX_COMMANDS = 16_384

/** How a Mach-O file of one machine is written, by its magic read big-endian; undefined for any other. */
export function machOLayout(magic: number): { wide: boolean; little: boolean } | undefined {
  return MAGICS[magic]
}

/** Reads the header and the load commands. @throws {ERR_INVALID_BINARY} */
export async function readMachO(pages: Pages): Promise<MachO> {
  const start = await pages.bytes(0, 28, 'the Mach-O header')
  const layout = machOLayout(createView(start, { little: false, wide: false }).u32(0))
  if (layout === undefined) throw invalidBinary('the Mach-O header: unknown magic')
  const header = createView(start, layout)
  const [count, size] = [header.u32(16), header.u32(20)]
  if (count > MAX_COMMANDS) throw invalidBinary(`the load commands: ${count} of them`)
  const bytes = await pages.bytes(layout.wide ? 32 : 28, size, 'the load commands')
  return {
    pages,
    ...layout,
    cpu: header.u32(4),
    type: header.u32(12),
    flags: header.u32(24),
    commands: splitCommands(bytes, count, layout),
  }
}

function splitCommands(
  bytes: Uint8Array,
  count: number,
  layout: { wide: boolean; little: boolean },
): Command[] {
  const all = createView(bytes, layout)
  const commands: Command[] = []
  let at = 0
  for (let index = 0; index < count; index++) {
    const size = at + 8 <= all.length ? all.u32(at + 4) : 0
    if (size < 8 || at + size > all.length)
      throw invalidBinary(`load command ${index} is cut short`)
    commands.push({ type: all.u32(at), data: createView(bytes.subarray(at, at + size), layout) })
    at += size
  }
  return commands
}

/** The text of a command whose place stands at `at`, up to its zero byte. @throws {ERR_INVALID_BINARY} */
export function commandText({ data }: Command, at: number): string {
  const start = data.length >= at + 4 ? data.u32(at) : data.length
  if (start > data.length) throw invalidBinary('a load command: its text lies outside')
  const text = Buffer.from(data.bytes.subarray(start))
  const end = text.indexOf(0)
  return text.toString('utf8', 0, end < 0 ? text.length : end)
}

const [SEGMENT, SEGMENT_64] = [0x1, 0x19]

/** The sections of all segments. */
export function sectionsOf({ commands }: MachO): MachOSection[] {
  return commands.flatMap((command) => {
    if (command.type === SEGMENT_64) return segmentSections(command.data, 72, 80)
    return command.type === SEGMENT ? segmentSections(command.data, 56, 68) : []
  })
}

function segmentSections(data: View, head: number, size: number): MachOSection[] {
  if (data.length < head) return []
  const count = Math.min(data.u32(head - 8), Math.floor((data.length - head) / size))
  return Array.from({ length: count }, (_, index) => {
    const at = head + index * size
    const name = Buffer.from(data.bytes.subarray(at, at + 16)).toString('latin1')
    const wide = size === 80
    return {
      name: name.replace(/\0+$/, ''),
      size: wide ? data.u64(at + 40) : data.u32(at + 36),
      offset: data.u32(at + (wide ? 48 : 40)),
    }
  })
}
