import type { Digest } from './digest.ts'

/** A file a build made, named by its digest. */
export interface Artifact {
  readonly kind: 'binary' | 'archive' | 'checksums'
  /** The file's base name, as people will download it. */
  readonly name: string
  /** Relative to the output folder (`dist/`), with `/`. */
  readonly path: string
  readonly digest: Digest
  /** Bytes. */
  readonly size: number
  /** `os/architecture[/variant]`; absent where the file belongs to no platform. */
  readonly platform?: string
  /** The component it was built for. */
  readonly component?: string
  /** The target triple, for binaries and archives. */
  readonly triple?: string
  /** Where the compiler's own cache came from, where it is not known that only this user wrote into it on this machine. */
  readonly compilerCache?: 'restored' | 'environment'
}
