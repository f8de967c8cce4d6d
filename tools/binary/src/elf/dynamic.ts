import type { Elf } from './header.ts'
import { PT, fileOffset, type Segment } from './segments.ts'
import { invalidBinary } from '../invalid.ts'

/** What the dynamic section says. */
export interface Dynamic {
  readonly needed: readonly string[]
  readonly rpath: readonly string[]
  readonly soname: string | null
  /** DF_1_PIE: an executable, not a library. */
  readonly pie: boolean
  /** File offset and count of the version needs and definitions. */
  readonly verneed: VersionTable | null
  readonly verdef: VersionTable | null
  /** Reads from the dynamic string table. */
  string(at: number): Promise<string>
}

export interface VersionTable {
  readonly offset: number
  readonly count: number
}

const DT = {
  NULL: 0,
  NEEDED: 1,
  STRTAB: 5,
  SONAME: 14,
  RPATH: 15,
  RUNPATH: 29,
  FLAGS_1: 0x6ffffffb,
  VERDEF: 0x6ffffffc,
  VERDEFNUM: 0x6ffffffd,
  VERNEED: 0x6ffffffe,
  VERNEEDNUM: 0x6fffffff,
} as const
const DF_1_PIE = 0x0800_0000
// The most any library on a Debian machine needs is under 300; this leaves room and keeps hostile files quick.
const MAX_STRINGS = 4096

type Entry = readonly [tag: number, value: number]

/** Reads the dynamic section; null where there is none. @throws {ERR_INVALID_BINARY} */
export async function readDynamic(elf: Elf, segments: readonly Segment[]): Promise<Dynamic | null> {
  const segment = segments.find(({ type }) => type === PT.DYNAMIC)
  if (segment === undefined || segment.filesz === 0) return null
  const entries = await readEntries(elf, segment)
  const value = (tag: number): number | undefined => entries.find(([found]) => found === tag)?.[1]
  const strtab = value(DT.STRTAB)
  const string = async (at: number): Promise<string> => {
    if (strtab === undefined) throw invalidBinary('the dynamic section names no string table')
    const offset = fileOffset(segments, strtab, 'the dynamic strings')
    return elf.pages.cstring(offset + at, 'the dynamic strings')
  }
  const strings = async (...tags: readonly number[]): Promise<string[]> => {
    const found = entries.filter(([tag]) => tags.includes(tag))
    if (found.length > MAX_STRINGS) throw invalidBinary(`${found.length} libraries needed`)
    const texts: string[] = []
    for (const [, at] of found) texts.push(await string(at))
    return texts
  }
  const table = (tag: number, countTag: number): VersionTable | null => {
    const [address, count] = [value(tag), value(countTag)]
    if (address === undefined || count === undefined || count === 0) return null
    return { offset: fileOffset(segments, address, 'the symbol versions'), count }
  }
  return {
    needed: await strings(DT.NEEDED),
    rpath: (await strings(DT.RPATH, DT.RUNPATH)).flatMap(splitPath),
    soname: (await strings(DT.SONAME))[0] ?? null,
    pie: ((value(DT.FLAGS_1) ?? 0) & DF_1_PIE) !== 0,
    verneed: table(DT.VERNEED, DT.VERNEEDNUM),
    verdef: table(DT.VERDEF, DT.VERDEFNUM),
    string,
  }
}

async function readEntries(elf: Elf, segment: Segment): Promise<Entry[]> {
  const size = elf.wide ? 16 : 8
  const count = Math.floor(segment.filesz / size)
  const view = await elf.view(segment.offset, count * size, 'the dynamic section')
  const entries: Entry[] = []
  for (let index = 0; index < count; index++) {
    const tag = view.word(index * size)
    if (tag === DT.NULL) break
    entries.push([tag, view.word(index * size + size / 2)])
  }
  return entries
}

const splitPath = (path: string): string[] => path.split(':').filter((part) => part !== '')
