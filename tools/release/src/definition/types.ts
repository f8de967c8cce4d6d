import type { ConventionalPolicy, PolicyName } from '@waybill/gate'
import type { ReleaseNotes } from '@waybill/version'

// The definition as people write it. The JSON Schema in ../../schema says the same to editors; test/waybill/definition.ts holds the two together.

/** A registry namespace, required unless it says otherwise. */
export type RegistryEntry = string | { readonly at: string; readonly optional?: boolean }

/** A file that carries the version: its path, and for structured files the keys or a pattern that finds it. */
export type VersionFileEntry =
  | string
  | { readonly path: string; readonly keys?: readonly string[]; readonly pattern?: string }

export type ToolchainName =
  | 'zig'
  | 'go'
  | 'cargo-zigbuild'
  | 'bun'
  | 'deno'
  | 'node-sea'
  | 'command'
  | 'prebuilt'

export interface BuildEntry {
  readonly toolchain: ToolchainName
  readonly binary: string
  readonly platforms: readonly string[]
  /** zig: C or Zig files, relative to the component's folder. */
  readonly sources?: readonly string[]
  /** go: the package; cargo: the crate. */
  readonly package?: string
  /** bun, deno, node-sea: the script. */
  readonly entry?: string
  /** command: what to run, `{platform}`, `{triple}`, `{version}` and `{output}` filled in. */
  readonly command?: readonly string[]
  readonly output?: string
  /** prebuilt: where the binary lies, `{platform}` filled in as os-arch. */
  readonly from?: string
  readonly flags?: readonly string[]
  /** The oldest glibc the binary must start on: `2.28`. */
  readonly glibc?: string
  readonly static?: boolean
  readonly env?: Readonly<Record<string, string>>
  /** zig: the preprocessor name that receives the version as a string. */
  readonly versionDefine?: string
  readonly optional?: boolean
  /** How the binary is asked for its version before it is published; `[]` asks nothing. @default ['--version'] */
  readonly versionArgs?: readonly string[]
}

export interface ArchivesEntry {
  readonly formats?: readonly ('tar.gz' | 'tar.zst' | 'zip')[]
  readonly name?: string
  readonly files?: readonly string[]
}

/** A program that may start before the binary, or run beside it: what it is, not only where, is said. */
export interface ThroughEntry {
  /** Its path in the image. */
  readonly through: string
  /** `sha256:…`, or one for each platform where they differ. */
  readonly digest: string | readonly string[]
  /** Its own words, before the binary's path. @default none */
  readonly args?: readonly string[]
}

export interface ImageConfigEntry {
  readonly user?: string
  readonly env?: Readonly<Record<string, string>>
  /** The words, or a program that starts the binary. @default the binary's path */
  readonly entrypoint?: readonly string[] | ThroughEntry
  readonly cmd?: readonly string[]
  readonly exposedPorts?: readonly string[]
  readonly volumes?: readonly string[]
  readonly workingDir?: string
  readonly stopSignal?: string
  readonly healthcheck?: {
    readonly test: readonly string[]
    readonly interval?: number
    readonly timeout?: number
    readonly startPeriod?: number
    readonly retries?: number
  }
}

export interface ImageEntry {
  /** Appended to every registry's namespace. */
  readonly repository: string
  readonly base: string
  /** Where the binary stands in the image. */
  readonly path: string
  /** The build's binary; may be left out where the component builds one. */
  readonly binary?: string
  readonly identity?: 'required' | { readonly waived: string }
  /** Programs that may start before the binary or run beside it; the first starts the image unless `config.entrypoint` says what does. */
  readonly entrypoint?: ThroughEntry | readonly ThroughEntry[]
  readonly config?: ImageConfigEntry
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
  readonly immutable?: readonly string[]
  readonly rolling?: readonly string[]
  /** Programs to run for every `name@digest` before a rolling name moves, `{image}` filled in: sign here. */
  readonly beforeRolling?: readonly (readonly [string, ...string[]])[]
}

/** A release page, with the archives and checksums as its files. */
export interface ReleaseEntry {
  readonly forge: 'github'
  /** `owner/name`. @default GITHUB_REPOSITORY, else what the git remote's address says */
  readonly repository?: string
  /** Leaves it a draft, for a person to publish. @default false */
  readonly draft?: boolean
  /** What the page says: `changelog` (the version's section, else the commits), or a file of the repository. @default 'changelog' */
  readonly notes?: string
  /** Whether the component's highest version is the repository's latest release. @default whether no other component has a release page */
  readonly latest?: boolean
}

export interface ComponentEntry {
  readonly path: string
  readonly tag: string
  readonly exclude?: readonly string[]
  readonly versionFiles?: readonly VersionFileEntry[]
  /** The changelog, relative to `path`; with a leading `/`, to the repository's root. @default 'CHANGELOG.md' */
  readonly changelog?: string
  readonly builds?: readonly BuildEntry[]
  readonly archives?: ArchivesEntry
  readonly images?: readonly ImageEntry[]
  readonly release?: ReleaseEntry
  readonly yanked?: readonly string[]
}

/** How versions move together, and what is written of them. */
export interface VersionsEntry {
  /** Components that are all released, as one version, when any is. `*` stands for any part of a name. */
  readonly fixed?: readonly (readonly string[])[]
  /** Components that share a version when they are released together. */
  readonly linked?: readonly (readonly string[])[]
  /** Releases what needs a released component: where the new version leaves its range, or always. @default 'out-of-range' */
  readonly updateInternalDependents?: 'out-of-range' | 'always'
  /** The line of prereleases that is released for now: `rc`, `beta`. */
  readonly prerelease?: string
  /** Whether a changelog is edited where there is one, made where there is none, or left alone. @default 'existing' */
  readonly changelog?: 'existing' | 'always' | 'never'
  /** What a component's changelog says instead of what its commits do, by its name. */
  readonly notes?: Readonly<Record<string, ReleaseNotes>>
}

/** The conventional policy with rules of one's own; `types` come beside the preset's. */
export interface ConventionalEntry extends Partial<Omit<ConventionalPolicy, 'kind' | 'name'>> {
  readonly preset?: 'conventional'
}

/** Which commits release: a preset of the gate, or the conventional one with other rules. */
export type PolicyEntry = PolicyName | ConventionalEntry

/** A release definition: plain data that never knows which pipeline runs it. */
export interface Definition {
  readonly schemaVersion: 1
  readonly policy?: PolicyEntry
  readonly versions?: VersionsEntry
  readonly git?: { readonly remote: string }
  readonly registries?: Readonly<Record<string, RegistryEntry>>
  readonly components: Readonly<Record<string, ComponentEntry>>
}

/** Types a definition written as a JavaScript module (`waybill.mjs`, default export). */
export function defineRelease(definition: Definition): Definition {
  return definition
}
