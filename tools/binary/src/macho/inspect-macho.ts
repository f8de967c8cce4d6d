import { readCargoAuditable } from '../embedded/cargo-auditable.ts'
import { readGoBuildInfo } from '../embedded/go-build-info.ts'
import type { BinaryFacts } from '../facts.ts'
import { invalidBinary } from '../invalid.ts'
import { createPages, type Pages } from '../pages.ts'
import { createView } from '../view.ts'
import {
  commandText,
  machOLayout,
  readMachO,
  sectionsOf,
  type Command,
  type MachO,
} from './commands.ts'

const LC = {
  SYMTAB: 0x2,
  DYSYMTAB: 0xb,
  ID_DYLIB: 0xd,
  LOAD_DYLINKER: 0xe,
  UUID: 0x1b,
  VERSION_MIN_MACOSX: 0x24,
  BUILD_VERSION: 0x32,
  RPATH: 0x8000_001c,
} as const
// LC_LOAD_DYLIB and its lazy, weak, re-exporting and upward kinds.
const LOADS = new Set([0xc, 0x20, 0x8000_0018, 0x8000_001f, 0x8000_0023])
const ALLOW_STACK_EXECUTION = 0x2_0000
const MACHINES: Readonly<Record<number, readonly [machine: string, architecture: string | null]>> =
  {
    7: ['i386', '386'],
    12: ['arm', 'arm'],
    0x0100_0007: ['x86_64', 'amd64'],
    0x0100_000c: ['aarch64', 'arm64'],
  }
const KINDS: Readonly<Record<number, BinaryFacts['kind']>> = {
  1: 'object',
  4: 'core',
  6: 'library',
  8: 'library',
}
// PLATFORM_* of LC_BUILD_VERSION: the system in Go's words, and its name for people.
const SYSTEMS: Readonly<Record<number, readonly [system: string, name: string]>> = {
  1: ['darwin', 'macOS'],
  2: ['ios', 'iOS'],
  6: ['darwin', 'macOS'],
}

/** Whether a file starts as a Mach-O file of one machine or several. A Java class has the same magic as several, and a version of 45 or more behind it. */
export function isMachO(start: Uint8Array): boolean {
  if (start.byteLength < 8) return false
  const view = createView(start, { little: false, wide: false })
  return machOLayout(view.u32(0)) !== undefined || (isFat(view.u32(0)) && view.u32(4) < 45)
}

const isFat = (magic: number): boolean => magic === 0xcafebabe || magic === 0xcafebabf

/** Reads the facts of a Mach-O file. @throws {ERR_INVALID_BINARY} */
export async function inspectMachO(pages: Pages): Promise<BinaryFacts> {
  const start = createView(await pages.bytes(0, 8, 'the Mach-O header'), {
    little: false,
    wide: false,
  })
  return isFat(start.u32(0))
    ? inspectFat(pages, start.u32(4), start.u32(0) === 0xcafebabf)
    : inspectThin(pages)
}

// fat_arch of <mach-o/fat.h>, always big-endian.
async function inspectFat(pages: Pages, count: number, wide: boolean): Promise<BinaryFacts> {
  if (count === 0) throw invalidBinary('the universal header: no machine at all')
  const size = wide ? 32 : 20
  const bytes = await pages.bytes(8, count * size, 'the universal header')
  const table = createView(bytes, { little: false, wide })
  const slices: BinaryFacts[] = []
  for (let index = 0; index < count; index++) {
    const [offset, length] = wide
      ? [table.u64(index * size + 8), table.u64(index * size + 16)]
      : [table.u32(index * size + 8), table.u32(index * size + 12)]
    if (offset + length > pages.size)
      throw invalidBinary(`truncated: part ${index} ends behind the file`)
    slices.push(await inspectThin(part(pages, offset, length)))
  }
  return { ...slices[0]!, machine: 'universal', platform: null, slices }
}

function part(pages: Pages, offset: number, size: number): Pages {
  return createPages({
    size,
    read: (at, length) => pages.bytes(offset + at, Math.min(length, size - at), 'a part'),
  })
}

async function inspectThin(pages: Pages): Promise<BinaryFacts> {
  const file = await readMachO(pages)
  const [machine, architecture] = MACHINES[file.cpu] ?? [`mach-o-cpu-${file.cpu}`, null]
  const first = (type: number): Command | undefined =>
    file.commands.find((one) => one.type === type)
  const text = (type: number, at = 8): string | null => {
    const command = first(type)
    return command === undefined ? null : commandText(command, at)
  }
  const system = systemOf(file)
  const interpreter = text(LC.LOAD_DYLINKER)
  const kind = KINDS[file.type] ?? 'executable'
  const uuid = first(LC.UUID)?.data.bytes
  return {
    format: 'macho',
    kind,
    machine,
    bits: file.wide ? 64 : 32,
    endian: file.little ? 'little' : 'big',
    platform: architecture === null ? null : `${system.os}/${architecture}`,
    linkage: linkageOf(kind, interpreter),
    interpreter,
    needed: file.commands.filter(({ type }) => LOADS.has(type)).map((one) => commandText(one, 8)),
    rpath: file.commands.filter(({ type }) => type === LC.RPATH).map((one) => commandText(one, 8)),
    soname: text(LC.ID_DYLIB),
    libc: null,
    versions: system.versions,
    requires: [],
    provides: [],
    buildId: uuid === undefined ? null : Buffer.from(uuid.subarray(8, 24)).toString('hex'),
    stripped: isStripped(file),
    executableStack: (file.flags & ALLOW_STACK_EXECUTION) !== 0,
    go: await readGoBuildInfo(pages, sectionOf(file, '__go_buildinfo')),
    rust: await readCargoAuditable(pages, sectionOf(file, '.dep-v0')),
    slices: [],
  }
}

function linkageOf(kind: BinaryFacts['kind'], interpreter: string | null): BinaryFacts['linkage'] {
  if (kind === 'object' || kind === 'core') return null
  return kind === 'library' || interpreter !== null ? 'dynamic' : 'static'
}

function systemOf(file: MachO): { os: string; versions: Record<string, string> } {
  const build = file.commands.find(({ type }) => type === LC.BUILD_VERSION)?.data
  if (build !== undefined && build.length >= 16) {
    const [os, name] = SYSTEMS[build.u32(8)] ?? ['darwin', `platform-${build.u32(8)}`]
    return { os, versions: { [name]: versionText(build.u32(12)) } }
  }
  const least = file.commands.find(({ type }) => type === LC.VERSION_MIN_MACOSX)?.data
  if (least === undefined || least.length < 12) return { os: 'darwin', versions: {} }
  return { os: 'darwin', versions: { macOS: versionText(least.u32(8)) } }
}

// xxxx.yy.zz in nibbles.
function versionText(packed: number): string {
  const [major, minor, patch] = [packed >>> 16, (packed >>> 8) & 0xff, packed & 0xff]
  return `${major}.${minor}${patch === 0 ? '' : `.${patch}`}`
}

// What is left after strip are the symbols that the loader needs; those are not local.
function isStripped({ commands }: MachO): boolean {
  const symbols = commands.find(({ type }) => type === LC.SYMTAB)?.data
  if (symbols === undefined || symbols.length < 16 || symbols.u32(12) === 0) return true
  const dynamic = commands.find(({ type }) => type === LC.DYSYMTAB)?.data
  return dynamic !== undefined && dynamic.length >= 16 && dynamic.u32(12) === 0
}

function sectionOf(file: MachO, wanted: string): { offset: number; size: number } | null {
  return sectionsOf(file).find(({ name }) => name === wanted) ?? null
}
