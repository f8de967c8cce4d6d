import type { ContextOptions, Finding } from '@waybill/core'
import type { VersionFile } from '../types.ts'

/** One place that says a version. `found` is null where there is none. */
export interface VersionCheck {
  readonly component: string
  readonly kind: 'file' | 'tag' | 'binary'
  /** `Cargo.toml package.version`, the tag's name, the binary's path. */
  readonly where: string
  readonly expected: string
  readonly found: string | null
}

/** A check and, where it fails, what to know about it. */
export interface Checked {
  readonly check: VersionCheck
  readonly finding?: Finding
}

export interface CheckVersionsOptions extends ContextOptions {
  /** As for `planVersions`. */
  readonly versionFiles?: Readonly<Record<string, readonly VersionFile[] | undefined>> | undefined
  /** Programs that must say the version when called with `--version`, or with `args`. They must run on this machine. */
  readonly binaries?: readonly BinaryToAsk[] | undefined
}

/** A program and how it is asked for its version. */
export type BinaryToAsk = string | { readonly path: string; readonly args?: readonly string[] }
