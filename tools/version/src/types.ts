import type { Bump, Digest, Finding } from '@waybill/core'

/**
 * A file that carries the version. `path` is relative to the component's folder; with a leading `/`, to the repository's root.
 * `keys` say where in JSON, TOML or YAML (`version`, `packages[""].version`, `images[*].tag`); `pattern` is a regular expression
 * whose group `version` (or first group, or the word `{version}`) is the version. Without either, the file's name decides.
 */
export type VersionFile =
  | string
  | { readonly path: string; readonly keys?: readonly string[]; readonly pattern?: string }

/** Why a version moves. `reason` is a sentence; the rest names what it is about. */
export interface VersionReason {
  readonly kind: 'commit' | 'changeset' | 'release-as' | 'dependency' | 'group' | 'prerelease'
  readonly bump: Bump
  readonly reason: string
  readonly commit?: string
  readonly changeset?: string
  /** The component whose release is the cause. */
  readonly component?: string
}

/** The sections of a changelog, in their order. https://keepachangelog.com/en/1.1.0/ and, before them, what breaks. */
export type ChangeSection =
  | 'breaking'
  | 'added'
  | 'changed'
  | 'deprecated'
  | 'removed'
  | 'fixed'
  | 'security'

/** One entry of a changelog. */
export interface Change {
  readonly section: ChangeSection
  /** Markdown; the first line is the entry, more lines explain it. */
  readonly text: string
  readonly scope: string | null
  /** The commits it came with, full names. */
  readonly commits: readonly string[]
  /** Pull requests by number. */
  readonly pulls: readonly number[]
}

/** One component's step to its next version. */
export interface PlannedRelease {
  readonly component: string
  readonly path: string
  /** The version released before, or what the manifest says where nothing was; null where neither is known. */
  readonly from: string | null
  readonly to: string
  readonly tag: string
  /** The tag of the release before. */
  readonly previousTag: string | null
  /** `2026-11-21`, of the released commit, in UTC; null where there is no commit. */
  readonly date: string | null
  readonly bump: Bump
  readonly reasons: readonly VersionReason[]
  /** What the changelog says, each change once. */
  readonly changes: readonly Change[]
}

/** One replacement in a file. `offset` counts bytes of the file as it was. */
export interface PlannedEdit {
  /** What stands there: `package.version`, `dependencies["@acme/core"]`, `line 4`. */
  readonly at: string
  readonly offset: number
  readonly from: string
  readonly to: string
}

/** What shall happen to one file. `before` and `after` are digests of its whole content, null where it does not exist. */
export interface PlannedFile {
  /** Relative to the repository's root, with `/`. */
  readonly path: string
  readonly action: 'edit' | 'create' | 'remove'
  readonly before: Digest | null
  readonly after: Digest | null
  readonly edits: readonly PlannedEdit[]
}

/** The next version of every component that moves and the edits that bring them into the files. Plain data: it can be stored and applied later. */
export interface VersionPlan {
  readonly schemaVersion: 1
  readonly releases: readonly PlannedRelease[]
  readonly files: readonly PlannedFile[]
  readonly findings: readonly Finding[]
}
