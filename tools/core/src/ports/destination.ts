import type { Content } from '../values/content.ts'
import { type Digest } from '../values/digest.ts'
import type { Release } from '../values/release.ts'
import type { NamedDigest } from '../values/named-digest.ts'

export interface SetOptions {
  readonly kind: 'immutable' | 'rolling'
  /** What the name pointed at when it was last looked at; undefined: it was absent. Used where the destination can compare and set. */
  readonly previous?: NamedDigest | undefined
  /** `previous` was looked up a moment ago, and need not be looked up again before the name is written. @default false */
  readonly looked?: boolean | undefined
  readonly content: Content
  readonly release?: Release | undefined
  /** The rolling names that move here once every immutable one stands. */
  readonly rolling?: readonly string[] | undefined
}

export interface PutReport {
  readonly uploaded: number
  readonly mounted: number
  readonly present: number
  /** Bytes sent. */
  readonly bytes: number
  /** Names that what was sent has from the start: a file of a release is uploaded under its own. */
  readonly named?: readonly string[]
}

/**
 * A place a release is published to: an OCI repository, a git remote's tags, a forge's releases, an npm registry.
 * Every method may throw ERR_UNKNOWN_STATE (outcome `unknown`): the destination could not be asked, which is never the same as "absent".
 */
export interface Destination {
  /** Unique among the destinations of a plan: `ghcr.io/acme/scim`, `git:origin`. */
  readonly name: string
  readonly kind: 'oci' | 'git' | 'forge' | 'npm'
  /** A required destination that fails fails the release; an optional one is reported. */
  readonly required: boolean
  /** Templates of rolling names of its own, in place of those the images get. Variables as in the plan's naming. */
  readonly rolling?: readonly string[]
  /** What the release's names shall point at here. */
  wanted(content: Content, release?: Release): NamedDigest
  /**
   * What names point at here that does not follow from the content: files of a release, under names of their own, and rolling names
   * that lead to a release. Those that are no rolling names are the release's beside its tag.
   */
  readonly digests?: Readonly<Record<string, NamedDigest>>
  /** Checks rights and that the place exists, leaving no trace. */
  preflight(signal?: AbortSignal): Promise<void>
  /** Every name that stands here, to the last page; none where the repository does not exist yet. */
  names(signal?: AbortSignal): Promise<readonly string[]>
  /**
   * What a name points at; undefined where it is surely absent.
   * @throws {ERR_UNKNOWN_STATE} where that cannot be found out; details `phantom`: the name is listed, and leads nowhere.
   */
  observe(name: string, signal?: AbortSignal): Promise<NamedDigest | undefined>
  /**
   * What a name hands out, its bytes read and hashed; undefined where it is surely absent. Where a destination has no such thing, `observe`
   * says all there is to know.
   * @throws {ERR_READ_BACK} where what it hands out is not what it says.
   */
  read?(name: string, signal?: AbortSignal): Promise<NamedDigest | undefined>
  /** What is gone below content that stands here (itself included), by the digest that needs it; nothing for what is whole. */
  missing?(
    digests: readonly NamedDigest[],
    signal?: AbortSignal,
  ): Promise<ReadonlyMap<NamedDigest, readonly Digest[]>>
  /** Brings what is missing of the content here, under no name yet. */
  put(content: Content, signal?: AbortSignal): Promise<PutReport>
  /**
   * Reads back that the content stands here whole.
   * @throws {ERR_READ_BACK} naming what is missing or differs.
   */
  check(content: Content, signal?: AbortSignal): Promise<void>
  /** Points a name at `digest` and reads it back; tells which further names it could not but point there as well. */
  set(
    name: string,
    digest: NamedDigest,
    options: SetOptions,
    signal?: AbortSignal,
  ): Promise<readonly string[] | void>
  /** Puts a rolling name back to what it was; undefined removes it where the destination can, else throws ERR_NOT_RESTORABLE. */
  restore(name: string, digest: NamedDigest | undefined, signal?: AbortSignal): Promise<void>
  /** Where a person looks at a name that was seen to stand. */
  url?(name: string): string | undefined
}

/** Destinations by the caller's own short names; the type remembers them, so that a plan can't be published to fewer. */
export type Destinations<Name extends string = string> = Readonly<Record<Name, Destination>>
