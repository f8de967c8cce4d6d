import type { CargoAuditable } from './embedded/cargo-auditable.ts'
import type { GoBuildInfo } from './embedded/go-build-info.ts'

/** The symbol versions that a binary wants of one library: ELF's version needs. */
export interface VersionRequirement {
  readonly library: string
  /** As written: `GLIBC_2.28`, `GLIBC_PRIVATE`. */
  readonly versions: readonly string[]
}

/** What a binary is and needs, read from its headers and named sections. */
export interface BinaryFacts {
  readonly format: 'elf' | 'pe' | 'macho'
  /** `debug`: debugging data split off a program. */
  readonly kind: 'executable' | 'library' | 'object' | 'core' | 'debug'
  /** As in target triples: `x86_64`, `aarch64`, `armv7` …; `universal` for a Mach-O file of several. */
  readonly machine: string
  readonly bits: 32 | 64
  readonly endian: 'little' | 'big'
  /** `os/architecture[/variant]`, or null where no name is known for it. */
  readonly platform: string | null
  /** Null for what is not linked yet. */
  readonly linkage: 'static' | 'static-pie' | 'dynamic' | null
  /** The dynamic loader that the file asks for. */
  readonly interpreter: string | null
  /** Libraries it needs, in the file's order. */
  readonly needed: readonly string[]
  /** Folders it searches for libraries (DT_RPATH and DT_RUNPATH, LC_RPATH). */
  readonly rpath: readonly string[]
  /** The name a library gives itself. */
  readonly soname: string | null
  /** The C library it is linked with, as far as its loader and libraries tell. */
  readonly libc: 'glibc' | 'musl' | null
  /** The highest needed of each prefix, numeric ones only: `{ GLIBC: '2.28' }`. Mach-O: `{ macOS: '11.0' }`. */
  readonly versions: Readonly<Record<string, string>>
  /** Every symbol version needed, by library. */
  readonly requires: readonly VersionRequirement[]
  /** Symbol versions that the file itself defines. */
  readonly provides: readonly string[]
  /** GNU build id, Mach-O UUID or PDB id, lower-case hex. */
  readonly buildId: string | null
  /** Whether the symbol table is gone. */
  readonly stripped: boolean
  readonly executableStack: boolean
  /** What the Go toolchain wrote about the build. */
  readonly go: GoBuildInfo | null
  /** The crates that cargo-auditable wrote into it. */
  readonly rust: CargoAuditable | null
  /** The parts of a Mach-O file for several machines; empty for every other file. */
  readonly slices: readonly BinaryFacts[]
}
