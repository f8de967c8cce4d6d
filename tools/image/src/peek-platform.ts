import { openFile, type Platform } from '@waybill/core'

// e_machine with class and byte order (gABI chapter 4), Machine of a COFF header, cputype of a Mach-O header.
const ELF: Readonly<Record<string, string>> = {
  '62-64-le': 'amd64',
  '183-64-le': 'arm64',
  '3-32-le': '386',
  '40-32-le': 'arm',
  '243-64-le': 'riscv64',
  '21-64-le': 'ppc64le',
  '22-64-be': 's390x',
  '258-64-le': 'loong64',
  '8-64-le': 'mips64le',
  '8-32-le': 'mipsle',
}
const COFF: Readonly<Record<number, string>> = { 0x8664: 'amd64', 0xaa64: 'arm64', 0x14c: '386' }
const MACHO: Readonly<Record<number, string>> = { 0x1000007: 'amd64', 0x100000c: 'arm64' }
const ELF_SYSTEMS: Readonly<Record<number, string>> = { 0: 'linux', 3: 'linux', 9: 'freebsd' }

/** How many first bytes of a file `peekPlatforms` wants to see. */
export const PEEK = 4096

/** Reads those bytes of a file. @throws what `openFile` throws. */
export async function readStart(path: string): Promise<Uint8Array> {
  const file = await openFile(path)
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(PEEK), 0, PEEK, 0)
    return buffer.subarray(0, bytesRead)
  } finally {
    await file.close()
  }
}

/**
 * The platforms an executable is for, from its first bytes alone, so that a stream can be judged while it passes by;
 * several for a fat Mach-O file, none for anything that is no executable.
 */
export function peekPlatforms(start: Uint8Array): readonly Platform[] {
  const view = new DataView(start.buffer, start.byteOffset, Math.min(start.byteLength, PEEK))
  try {
    const magic = view.getUint32(0)
    if (magic === 0x7f454c46) return elf(view)
    if (magic === 0xcafebabe) return fat(view)
    if (magic === 0xcffaedfe) return named('darwin', MACHO[view.getUint32(4, true)])
    if (view.getUint16(0) === 0x4d5a) return coff(view)
  } catch (error) {
    if (!(error instanceof RangeError)) throw error // too short for what it claims to be
  }
  return []
}

const named = (os: string | undefined, architecture: string | undefined): readonly Platform[] =>
  os === undefined || architecture === undefined ? [] : [{ os, architecture }]

function elf(view: DataView): readonly Platform[] {
  const little = view.getUint8(5) === 1
  const machine = view.getUint16(18, little)
  const type = view.getUint16(16, little)
  if (type !== 2 && type !== 3) return [] // neither ET_EXEC nor ET_DYN
  const bits = view.getUint8(4) === 2 ? 64 : 32
  const architecture = ELF[`${machine}-${bits}-${little ? 'le' : 'be'}`]
  return named(ELF_SYSTEMS[view.getUint8(7)], architecture)
}

function coff(view: DataView): readonly Platform[] {
  const at = view.getUint32(0x3c, true)
  return view.getUint32(at) === 0x50450000
    ? named('windows', COFF[view.getUint16(at + 4, true)])
    : []
}

// Java classes have the same magic; they have a version of 45 or more where a fat file has its few parts.
function fat(view: DataView): readonly Platform[] {
  const parts = view.getUint32(4)
  if (parts > 16) return []
  const each = Array.from({ length: parts }, (_, index) =>
    named('darwin', MACHO[view.getUint32(8 + index * 20)]),
  )
  return each.flat()
}
