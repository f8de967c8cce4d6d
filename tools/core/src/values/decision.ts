import type { Bump, Component, Release } from './release.ts'
import type { Finding } from './finding.ts'

/** What one commit means for one component. `reason` is a sentence. */
export interface CommitVerdict {
  readonly commit: string
  readonly subject: string
  readonly verdict: 'release' | 'none' | 'reverted' | 'unparsed'
  readonly bump: Bump
  readonly reason: string
}

/** A release that was made before: its tag, version and full commit name. */
export interface LastRelease {
  readonly tag: string
  readonly version: string
  readonly commit: string
}

interface Judged {
  readonly component: Component
  readonly last: LastRelease | null
  readonly bump: Bump
  readonly commits: readonly CommitVerdict[]
  readonly findings: readonly Finding[]
}

/** A release is due. `resumed`: its tag already stands on this very commit, so this is that release again, to be finished. */
export interface DueDecision extends Judged {
  readonly status: 'due'
  readonly release: Release
  readonly releaseAs: { readonly version: string; readonly commit: string } | null
  readonly resumed: boolean
  /** What calls for it beside its own commits, a sentence each: a changeset, a dependency, a group, a line of prereleases. */
  readonly reasons?: readonly string[]
}

/** Nothing to release; the commits say why. */
export interface NotDueDecision extends Judged {
  readonly status: 'not-due'
}

/** An error among the findings must be mended first. */
export interface BlockedDecision extends Judged {
  readonly status: 'blocked'
}

export type Decision = DueDecision | NotDueDecision | BlockedDecision
