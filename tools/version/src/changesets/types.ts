import type { Bump } from '@waybill/core'

/** A changeset file that counts: it was added since the last release of a component it names. */
export interface Changeset {
  /** The file's name without `.md`. */
  readonly id: string
  /** Where it lies, or lay before it was consumed. */
  readonly path: string
  /** The commit that added it. */
  readonly commit: string
  readonly summary: string
  /** By the names of packages or components, as written. */
  readonly releases: readonly { readonly name: string; readonly bump: Bump }[]
  /** It lies in the tree still, so applying a plan removes it. */
  readonly pending: boolean
}

/** The changesets of a repository and, for each commit a range starts after, which of them the range added. */
export interface ChangesetHistory {
  readonly changesets: readonly Changeset[]
  /** Ids by the full name of the commit a component was last released at; `''` for a component that never was. */
  readonly since: ReadonlyMap<string, ReadonlySet<string>>
  /** Files that no commit holds yet; they don't count. */
  readonly uncommitted: readonly string[]
}

export const NO_CHANGESETS: ChangesetHistory = { changesets: [], since: new Map(), uncommitted: [] }
