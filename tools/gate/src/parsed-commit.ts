import type { Finding } from '@waybill/core'

/** The first line of a conventional message. https://www.conventionalcommits.org/en/v1.0.0/ */
export interface CommitHeader {
  /** As written; compare in lower case. */
  readonly type: string
  readonly scope: string | null
  /** `!` before the colon. */
  readonly breaking: boolean
  readonly description: string
}

/** One `Token: value` or `Token #value` of the footer zone. */
export interface CommitFooter {
  readonly token: string
  readonly value: string
  /** Line of the message, from 1. */
  readonly line: number
}

/** An order to release a version: `Release-As: 1.4.0`, `Release-As(pkg): 1.4.0`, `Release-As: pkg@1.4.0`. */
export interface ReleaseAs {
  /** The component it names; `*` for all, null where it names none. */
  readonly component: string | null
  /** A valid semantic version without `v`, or null where the text holds none. */
  readonly version: string | null
  /** The line as written. */
  readonly text: string
  /** Line of the message, from 1. */
  readonly line: number
}

/** What a commit takes back. */
export interface Reverts {
  /** Object names, full or shortened: git's form `This reverts commit …`. */
  readonly commits: readonly string[]
  /** Pull requests: GitHub's form `Reverts owner/repo#12`. */
  readonly pulls: readonly number[]
  /** The subject in `Revert "…"`. */
  readonly subject: string | null
}

/** Everything a message says. There is one for any bytes. */
export interface ParsedCommit {
  readonly subject: string
  /** Null where the subject is no conventional header. */
  readonly header: CommitHeader | null
  /** A conventional header in the body of `Merge pull request …`, `Merge branch …`. */
  readonly merged: CommitHeader | null
  /** The texts of `BREAKING CHANGE` footers. */
  readonly breaking: readonly string[]
  readonly releaseAs: readonly ReleaseAs[]
  readonly reverts: Reverts | null
  /** The number in a subject that ends with `(#12)`. */
  readonly pull: number | null
  /** Near misses and orders in places where they mean nothing; `where.line` is set where it helps. */
  readonly findings: readonly Finding[]
}
