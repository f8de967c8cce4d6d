import { readCargoAuditable } from '../embedded/cargo-auditable.ts'
import { readGoBuildInfo } from '../embedded/go-build-info.ts'
import type { BinaryFacts } from '../facts.ts'
import type { Pages } from '../pages.ts'
import { readDynamic, type Dynamic } from './dynamic.ts'
import { ET, readElfHeader, type Elf } from './header.ts'
import { wantsExecutableStack } from './executable-stack.ts'
import { elfMachine } from './machine.ts'
import { buildIdOf, readNotes, type Note } from './notes.ts'
import { elfSystem } from './operating-system.ts'
import { PT, checkComplete, readSegments, type Segment } from './segments.ts'
import { SHT, readSections, type Section } from './sections.ts'
import { highestVersions, readDefinitions, readRequirements } from './versions.ts'

/** Reads the facts of an ELF file: System V gABI and the GNU extensions. @throws {ERR_INVALID_BINARY} */
export async function inspectElf(pages: Pages): Promise<BinaryFacts> {
  const elf = await readElfHeader(pages)
  const sections = await readSections(elf)
  const debug = isDebugFile(sections)
  const segments = debug ? [] : await readSegments(elf)
  checkComplete(segments, pages.size)
  const dynamic = await readDynamic(elf, segments)
  const interpreter = await readInterpreter(elf, segments)
  const notes = await allNotes(elf, segments, sections)
  const requires = await readRequirements(elf, dynamic)
  const { machine, architecture } = elfMachine(elf)
  const system = elfSystem(elf.osabi, notes)
  const needed = dynamic?.needed ?? []
  const kind = debug ? 'debug' : kindOf(elf, dynamic, interpreter)
  return {
    format: 'elf',
    kind,
    machine,
    bits: elf.wide ? 64 : 32,
    endian: elf.little ? 'little' : 'big',
    platform: system === null || architecture === null ? null : `${system}/${architecture}`,
    linkage: linkageOf(elf, kind, interpreter !== null || needed.length > 0),
    interpreter,
    needed,
    requires,
    rpath: dynamic?.rpath ?? [],
    soname: dynamic?.soname ?? null,
    libc: libcOf(interpreter, needed),
    versions: highestVersions(requires),
    provides: await readDefinitions(elf, dynamic),
    buildId: buildIdOf(notes),
    stripped: !sections.some(({ type }) => type === SHT.SYMTAB),
    executableStack: !debug && wantsExecutableStack(elf, segments, sections),
    go: await readGoBuildInfo(elf.pages, sectionRange(sections, '.go.buildinfo')),
    rust: await readCargoAuditable(elf.pages, sectionRange(sections, '.dep-v0')),
    slices: [],
  }
}

const SHF_EXECINSTR = 4

// What `objcopy --only-keep-debug` leaves: all headers, but the program's own bytes are not in the file.
function isDebugFile(sections: readonly Section[]): boolean {
  const code = sections.filter(({ flags }) => (flags & SHF_EXECINSTR) !== 0)
  return code.length > 0 && code.every(({ type }) => type === SHT.NOBITS)
}

function sectionRange(
  sections: readonly Section[],
  wanted: string,
): { offset: number; size: number } | null {
  const section = sections.find(({ name, type }) => name === wanted && type === SHT.PROGBITS)
  return section === undefined ? null : { offset: section.offset, size: section.size }
}

async function readInterpreter(elf: Elf, segments: readonly Segment[]): Promise<string | null> {
  const segment = segments.find(({ type }) => type === PT.INTERP)
  return segment === undefined ? null : elf.pages.cstring(segment.offset, 'the interpreter')
}

async function allNotes(
  elf: Elf,
  segments: readonly Segment[],
  sections: readonly Section[],
): Promise<Note[]> {
  const inSegments = segments
    .filter(({ type }) => type === PT.NOTE)
    .map(({ offset, filesz, align }) => ({ offset, size: filesz, align }))
  const inSections = sections.filter(({ type }) => type === SHT.NOTE)
  // Go's linker, for one, leaves the build id's section out of the segments.
  const known = new Set(inSegments.map(({ offset }) => offset))
  const ranges = [...inSegments, ...inSections.filter(({ offset }) => !known.has(offset))]
  const notes: Note[] = []
  for (const range of ranges.slice(0, 64)) notes.push(...(await readNotes(elf, range)))
  return notes
}

function kindOf(
  elf: Elf,
  dynamic: Dynamic | null,
  interpreter: string | null,
): BinaryFacts['kind'] {
  if (elf.type === ET.REL) return 'object'
  if (elf.type === ET.CORE) return 'core'
  if (elf.type !== ET.DYN || dynamic === null) return 'executable'
  // libc.so.6 can be started and so has an interpreter; what has a name for others to need is a library.
  if (dynamic.soname !== null) return 'library'
  return dynamic.pie || interpreter !== null || elf.entry !== 0 ? 'executable' : 'library'
}

function linkageOf(elf: Elf, kind: BinaryFacts['kind'], dynamic: boolean): BinaryFacts['linkage'] {
  if (kind === 'object' || kind === 'core' || kind === 'debug') return null
  if (dynamic || kind === 'library') return 'dynamic'
  return elf.type === ET.DYN ? 'static-pie' : 'static'
}

function libcOf(interpreter: string | null, needed: readonly string[]): BinaryFacts['libc'] {
  const names = [...(interpreter === null ? [] : [interpreter]), ...needed]
  if (names.some((name) => /(^|\/)(ld-musl-|libc\.musl-)/.test(name))) return 'musl'
  // ld64.so.1 is the loader's name on s390x and ppc64, ld.so.1 on mips and s390.
  return names.some((name) => /(^|\/)(libc\.so\.6|ld-linux|ld64\.so\.|ld\.so\.1)/.test(name))
    ? 'glibc'
    : null
}
