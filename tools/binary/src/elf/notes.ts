import type { Elf } from './header.ts'

export interface Note {
  readonly name: string
  readonly type: number
  readonly description: Uint8Array
}

const LONGEST = 1024 * 1024

interface Range {
  readonly offset: number
  readonly size: number
  readonly align: number
}

/** Reads the notes of one segment or section. A malformed note ends the reading: the loader ignores notes too. */
export async function readNotes(elf: Elf, range: Range): Promise<Note[]> {
  if (range.size > LONGEST) return []
  const view = await elf.view(range.offset, range.size, 'the notes')
  const align = range.align === 8 ? 8 : 4
  const padded = (length: number): number => Math.ceil(length / align) * align
  const notes: Note[] = []
  for (let at = 0; at + 12 <= view.length;) {
    const [nameSize, size] = [view.u32(at), view.u32(at + 4)]
    const start = padded(at + 12 + nameSize)
    if (start + size > view.length) break
    const name = Buffer.from(view.bytes.subarray(at + 12, at + 12 + nameSize))
    notes.push({
      name: name.toString('latin1').replace(/\0+$/, ''),
      type: view.u32(at + 8),
      description: view.bytes.subarray(start, start + size),
    })
    at = padded(start + size)
  }
  return notes
}

/** The GNU build id in lower-case hex, or null. */
export function buildIdOf(notes: readonly Note[]): string | null {
  const note = notes.find(({ name, type }) => name === 'GNU' && type === 3)
  return note === undefined ? null : Buffer.from(note.description).toString('hex')
}
