import type { BinaryFacts } from '@waybill/binary'

/** What both readelf and `inspect` say about a file. */
export interface ElfSummary {
  readonly machine: string
  readonly bits: string
  readonly endian: string
  readonly interpreter: string | null
  readonly needed: readonly string[]
  readonly rpath: readonly string[]
  readonly soname: string | null
  readonly requires: readonly string[]
  readonly provides: readonly string[]
  readonly buildId: string | null
  readonly symbols: boolean
}

// Names that `inspect` gives to what readelf spells out.
const MACHINES: Readonly<Record<string, string>> = {
  x86_64: 'Advanced Micro Devices X86-64',
  'x86_64-x32': 'Advanced Micro Devices X86-64',
  i386: 'Intel 80386',
  aarch64: 'AArch64',
  arm: 'ARM',
  riscv64: 'RISC-V',
  powerpc64le: 'PowerPC64',
  s390x: 'IBM S/390',
  mips64el: 'MIPS R3000',
  mipsel: 'MIPS R3000',
}
/** The facts of `inspect`, in readelf's words. */
export function asReadelf(facts: BinaryFacts): ElfSummary {
  return {
    machine: MACHINES[facts.machine] ?? facts.machine,
    bits: `ELF${facts.bits}`,
    endian: `${facts.endian} endian`,
    interpreter: facts.interpreter,
    needed: facts.needed,
    rpath: facts.rpath,
    soname: facts.soname,
    requires: facts.requires
      .flatMap(({ library, versions }) => versions.map((version) => `${library} ${version}`))
      .toSorted(),
    provides: facts.provides.toSorted(),
    buildId: facts.buildId,
    symbols: !facts.stripped,
  }
}

const all = (text: string, pattern: RegExp): string[] =>
  [...text.matchAll(pattern)].map((match) => match[1]!.trim())

/** Reads `readelf -W -d -V -h -l -n -S`. */
export function readelfFacts(output: string): ElfSummary {
  const one = (pattern: RegExp): string | null => all(output, pattern)[0] ?? null
  const kept = (path: string): boolean => path !== ''
  return {
    machine: one(/^ {2}Machine:\s+(.*)$/gm)!,
    bits: one(/^ {2}Class:\s+(.*)$/gm)!,
    endian: one(/^ {2}Data:.*(little endian|big endian)$/gm)!,
    interpreter: one(/\[Requesting program interpreter: (.*)\]$/gm),
    needed: all(output, /\(NEEDED\)\s+Shared library: \[(.*)\]$/gm),
    rpath: all(output, /\((?:RPATH|RUNPATH)\)\s+Library r(?:un)?path: \[(.*)\]$/gm)
      .flatMap((path) => path.split(':'))
      .filter(kept),
    soname: one(/\(SONAME\)\s+Library soname: \[(.*)\]$/gm),
    requires: readRequires(output).toSorted(),
    provides: readProvides(output).toSorted(),
    buildId: one(/^ {4}Build ID: ([0-9a-f]+)$/gm),
    symbols: /\sSYMTAB\s/.test(output),
  }
}

function readRequires(output: string): string[] {
  const found: string[] = []
  let library = ''
  for (const line of sectionOf(output, 'Version needs section')) {
    library = / File: (\S+) /.exec(line)?.[1] ?? library
    const name = / Name: (\S+) +Flags:/.exec(line)?.[1]
    if (name !== undefined) found.push(`${library} ${name}`)
  }
  return found
}

function readProvides(output: string): string[] {
  return sectionOf(output, 'Version definition section').flatMap((line) => {
    const [, flags, name] = / Flags: (.*?) +Index: .* Name: (\S+)/.exec(line) ?? []
    return flags === undefined || flags.includes('BASE') ? [] : [name!]
  })
}

function sectionOf(output: string, title: string): string[] {
  const start = output.indexOf(title)
  if (start < 0) return []
  const end = output.indexOf('\n\n', start)
  return output.slice(start, end < 0 ? undefined : end).split('\n')
}
