import { execFileSync } from 'node:child_process'
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
  /** Null where the file doesn't say. */
  readonly executableStack: boolean | null
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
function asReadelf(facts: BinaryFacts): ElfSummary {
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
    executableStack: facts.executableStack,
  }
}

const all = (text: string, pattern: RegExp): string[] =>
  [...text.matchAll(pattern)].map((match) => match[1]!.trim())

/** Reads `readelf -W -d -V -h -l -n -S`. */
function readelfFacts(output: string): ElfSummary {
  const one = (pattern: RegExp): string | null => all(output, pattern)[0] ?? null
  return {
    machine: one(/^ {2}Machine:\s+(.*)$/gm)!,
    bits: one(/^ {2}Class:\s+(.*)$/gm)!,
    endian: one(/^ {2}Data:.*(little endian|big endian)$/gm)!,
    interpreter: one(/\[Requesting program interpreter: (.*)\]$/gm),
    needed: all(output, /\(NEEDED\)\s+Shared library: \[(.*)\]$/gm),
    rpath: all(output, /\((?:RPATH|RUNPATH)\)\s+Library r(?:un)?path: \[(.*)\]$/gm)
      .flatMap((path) => path.split(':'))
      .filter((path) => path !== ''),
    soname: one(/\(SONAME\)\s+Library soname: \[(.*)\]$/gm),
    requires: readRequires(output).toSorted(),
    provides: readProvides(output).toSorted(),
    buildId: one(/Build ID: ([0-9a-f]+)/g),
    symbols: /\sSYMTAB\s/.test(output),
    executableStack: stackOf(output),
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

function stackOf(output: string): boolean | null {
  const flags = /^ {2}GNU_STACK\s+(?:0x[0-9a-f]+ ){5}(.{3}) /m.exec(output)?.[1]
  return flags === undefined ? null : flags.includes('E')
}

/** Asks readelf about a file. */
export function readReadelf(file: string): ElfSummary {
  const output = execFileSync('readelf', ['-W', '-d', '-V', '-h', '-l', '-n', '-S', file], {
    encoding: 'utf8',
    maxBuffer: 256 * 1024 * 1024,
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { ...process.env, LC_ALL: 'C' },
  })
  return readelfFacts(output)
}

/** The first field that differs, shortened: a whole comparison of libc's versions would take minutes to print. */
export function different(facts: BinaryFacts, theirs: ElfSummary): string | undefined {
  const ours = asReadelf(facts)
  for (const key of Object.keys(theirs) as (keyof ElfSummary)[]) {
    if (key === 'executableStack' && theirs[key] === null) continue
    const [a, b] = [JSON.stringify(ours[key]), JSON.stringify(theirs[key])]
    if (a !== b) return `${key}: ${a.slice(0, 300)}, readelf says ${b.slice(0, 300)}`
  }
  return undefined
}
