import type { Bump, Component, LastRelease } from '@waybill/core'
import type { ParsedCommit } from './parsed-commit.ts'

/** One commit of a range, as one component sees it. */
export interface RangeCommit {
  readonly commit: string
  readonly parents: readonly string[]
  /** The commit's time, in seconds since 1970. */
  readonly created: number
  readonly message: string
  readonly parsed: ParsedCommit
  /** The components whose folders it changes. */
  readonly touches: readonly string[]
  /** It changes no file at all. */
  readonly empty: boolean
  /** The changeset files it adds, edits or removes. */
  readonly changesets?: readonly string[]
  /** The merge on the main line that brought it, where one did. */
  readonly broughtBy?: string
  /** Of the other commits with a Release-As: those it descends from. Set where there are several. */
  readonly reaches?: readonly string[]
  /** The versions it orders that were released since, by tags that reach it: on a line that was merged later. */
  readonly fulfilled?: readonly string[]
}

/** A changeset file as a commit added it. */
export interface ChangesetFile {
  readonly path: string
  readonly commit: string
  /** By package name. */
  readonly bumps: Readonly<Record<string, Bump>>
}

/** The commits since a component's last release, and what deciding needs to know of the repository. */
export interface CommitRange {
  readonly component: Component
  /** All components of the repository, this one among them. */
  readonly components: readonly Component[]
  /** The highest release that is reachable, the head's own tag excepted. */
  readonly last: LastRelease | null
  /** The release whose tag stands on the head itself. */
  readonly standing: LastRelease | null
  readonly head: { readonly commit: string; readonly created: number }
  /** Newest first; no commit before its descendants. */
  readonly commits: readonly RangeCommit[]
  /** Every version of this component that has a tag, reachable or not. */
  readonly tagged: readonly string[]
  /** The changeset files that were added in the range. */
  readonly changesets?: readonly ChangesetFile[]
}
