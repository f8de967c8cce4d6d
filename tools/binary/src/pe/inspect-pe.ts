import { readCargoAuditable } from '../embedded/cargo-auditable.ts'
import { findGoBuildInfo, readGoBuildInfo, type GoBuildInfo } from '../embedded/go-build-info.ts'
import type { BinaryFacts } from '../facts.ts'
import type { Pages } from '../pages.ts'
import { readPe, type Pe } from './headers.ts'
import { readExportName, readImports, readPdbId } from './libraries.ts'

const MACHINES: Readonly<Record<number, readonly [machine: string, architecture: string]>> = {
  0x014c: ['i386', '386'],
  0x01c4: ['arm', 'arm'],
  0x5064: ['riscv64', 'riscv64'],
  0x8664: ['x86_64', 'amd64'],
  0xaa64: ['aarch64', 'arm64'],
}
const DLL = 0x2000
const NX_COMPAT = 0x0100
const READ_WRITE_DATA = 0xc000_0040
const ALIGNMENT = 0x00f0_0000

/** Reads the facts of a PE file. @throws {ERR_INVALID_BINARY} */
export async function inspectPe(pages: Pages): Promise<BinaryFacts> {
  const pe = await readPe(pages)
  const [machine, architecture] = MACHINES[pe.machine] ?? [`pe-machine-${pe.machine}`, null]
  const needed = await readImports(pe)
  const pdb = await readPdbId(pe)
  return {
    format: 'pe',
    kind: (pe.flags & DLL) === 0 ? 'executable' : 'library',
    machine,
    bits: pe.wide ? 64 : 32,
    endian: 'little',
    platform: architecture === null ? null : `windows/${architecture}`,
    linkage: needed.length === 0 ? 'static' : 'dynamic',
    interpreter: null,
    needed,
    rpath: [],
    soname: await readExportName(pe),
    libc: null,
    versions: {},
    requires: [],
    provides: [],
    buildId: pdb,
    stripped: pe.symbols === 0 && pdb === null,
    executableStack: (pe.dllFlags & NX_COMPAT) === 0,
    go: await readGo(pe),
    rust: await readCargoAuditable(pages, sectionOf(pe, '.dep-v0')),
    slices: [],
  }
}

function sectionOf(pe: Pe, wanted: string): { offset: number; size: number } | null {
  return pe.sections.find(({ name }) => name === wanted) ?? null
}

// Go has no section of its own here; its record stands near the start of the writable data.
async function readGo(pe: Pe): Promise<GoBuildInfo | null> {
  const data = pe.sections.find(
    ({ address, size, flags }) =>
      address !== 0 && size !== 0 && (flags & ~ALIGNMENT) >>> 0 === READ_WRITE_DATA,
  )
  if (data === undefined) return null
  return readGoBuildInfo(pe.pages, await findGoBuildInfo(pe.pages, data))
}
