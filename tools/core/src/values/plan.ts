import type { Artifact } from './artifact.ts'
import { digestOfJson } from './canonical-json.ts'
import type { Descriptor } from './descriptor.ts'
import type { Digest } from './digest.ts'
import type { Proof } from './proof.ts'
import type { Release } from './release.ts'
import type { NamedDigest } from './named-digest.ts'

/** One build of the matrix; a CI engine can run each alone (`waybill build --cell ID`). */
export interface MatrixCell {
  /** Stable and unique in the plan: `hello-linux-amd64`. */
  readonly id: string
  readonly component: string
  /** The binary's name, without `.exe`. */
  readonly binary: string
  readonly toolchain: string
  readonly platform: string
  readonly required: boolean
}

/** What shall be released and built. Written by reading git alone. */
export interface ReleasePlan {
  readonly schemaVersion: 1
  readonly releases: readonly Release[]
  readonly matrix: readonly MatrixCell[]
}

/** The names one destination shall have. */
export interface DestinationPlan {
  readonly kind: 'oci' | 'git' | 'forge' | 'npm'
  readonly required: boolean
  /** What the names shall point at. */
  readonly digest: NamedDigest
  /** What those shall point at that differ from it. */
  readonly digests?: Readonly<Record<string, NamedDigest>>
  readonly immutable: readonly string[]
  readonly rolling: readonly string[]
}

/** What one name of a destination shall point at. */
export function wantedAt({ digest, digests = {} }: DestinationPlan, name: string): NamedDigest {
  return Object.hasOwn(digests, name) ? digests[name]! : digest
}

/** The rule by which a plan's names were made; with it publishing finds out whether a higher version has come since. */
export interface Naming {
  /** Semantic version without a prefix. */
  readonly version: string
  /** Full object name of the commit; without it there is no `sha-` name. */
  readonly commit?: string | undefined
  /** Before every version's name; `latest`, `sha-…` and channels take it without a final `v` that marks the version. */
  readonly tagPrefix?: string | undefined
  /** Moves this one name and none of a release's. */
  readonly channel?: string | undefined
  /** Versions that no longer count as highest. */
  readonly yanked?: readonly string[] | undefined
  /** Templates. @default `{version}`, `sha-{sha7}` */
  readonly immutable?: readonly string[] | undefined
  /** Templates. @default `{major}.{minor}`, `{major}`, `latest` */
  readonly rolling?: readonly string[] | undefined
  /** Whether `{major}` is a name before 1.0.0. @default false */
  readonly majorZero?: boolean | undefined
}

declare const names: unique symbol

/** What shall stand where after publishing, and beside it what stood there when the plan was made. */
export interface PublishPlan<Name extends string = string> {
  /** The caller's names of the destinations; only the type carries it. */
  readonly [names]?: Name
  readonly schemaVersion: 1
  readonly release?: Release
  readonly naming: Naming
  readonly subject: Descriptor
  readonly proof: Proof
  readonly artifacts: readonly Artifact[]
  /** By the destination's own name (`ghcr.io/acme/scim`). */
  readonly destinations: Readonly<Record<string, DestinationPlan>>
  /** By destination and name: what was found, or `absent`. Not part of the plan's identity. */
  readonly observed: Readonly<Record<string, Readonly<Record<string, NamedDigest | 'absent'>>>>
}

/** A plan's identity: the digest of its canonical JSON without what was observed. */
export function planDigest(plan: PublishPlan): Digest {
  const { observed: _observed, ...identity } = plan
  return digestOfJson(identity)
}
