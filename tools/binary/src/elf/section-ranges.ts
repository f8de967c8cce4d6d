import { createPages } from '../pages.ts'
import { withFileReader } from '../reader.ts'
import { readElfHeader } from './header.ts'
import { SHT, readSections } from './sections.ts'

/** A section's bytes in a file. */
export interface ElfSectionRange {
  readonly name: string
  readonly offset: number
  readonly size: number
}

/** The sections of an ELF file that hold bytes; none for other formats. @throws {ERR_INVALID_BINARY} */
export function readElfSections(file: string): Promise<readonly ElfSectionRange[]> {
  return withFileReader(file, async (reader) => {
    const pages = createPages(reader)
    const start = await pages.bytes(0, Math.min(4, pages.size), 'the header')
    if (Buffer.from(start).toString('latin1') !== '\u007fELF') return []
    const sections = await readSections(await readElfHeader(pages))
    return sections
      .filter(({ type, size }) => type !== SHT.NOBITS && size > 0)
      .map(({ name, offset, size }) => ({ name, offset, size }))
  })
}
