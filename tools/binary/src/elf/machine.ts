import type { Elf } from './header.ts'

interface Machine {
  /** As in target triples. */
  readonly machine: string
  /** In Go's words. */
  readonly architecture: string | null
}

// e_machine: https://www.sco.com/developers/gabi/latest/ch4.eheader.html; `be` and `narrow` where byte order or class change the name.
const NAMES: Readonly<Record<number, readonly [machine: string, architecture: string | null]>> = {
  3: ['i386', '386'],
  20: ['powerpc', 'ppc'],
  40: ['arm', 'arm'],
  62: ['x86_64', 'amd64'],
  183: ['aarch64', 'arm64'],
}

/** The machine an ELF file is for. */
export function elfMachine(elf: Elf): Machine {
  const { machine, wide, little } = elf
  if (machine === 8) return mips(wide, little)
  if (machine === 21) return little ? of('powerpc64le', 'ppc64le') : of('powerpc64', 'ppc64')
  if (machine === 22) return wide ? of('s390x', 's390x') : of('s390', null)
  if (machine === 43) return of('sparc64', 'sparc64')
  if (machine === 62 && !wide) return of('x86_64-x32', null)
  if (machine === 183 && !(wide && little)) return of(wide ? 'aarch64_be' : 'aarch64-ilp32', null)
  if (machine === 40 && !little) return of('armeb', null)
  if (machine === 243) return wide ? of('riscv64', 'riscv64') : of('riscv32', 'riscv')
  if (machine === 258) return wide ? of('loongarch64', 'loong64') : of('loongarch32', null)
  const [name, architecture] = NAMES[machine] ?? [`elf-machine-${machine}`, null]
  return of(name, architecture)
}

const of = (machine: string, architecture: string | null): Machine => ({ machine, architecture })

function mips(wide: boolean, little: boolean): Machine {
  const name = `mips${wide ? '64' : ''}`
  return little ? of(`${name}el`, `${name}le`) : of(name, name)
}
