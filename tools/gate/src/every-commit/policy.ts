/** release-plz's rules: every commit that touches the package releases it. */
export interface EveryCommitPolicy {
  readonly kind: 'every-commit'
  readonly name: string
  /** Only commits that match this expression make a release due (`release_commits`). */
  readonly releaseCommits?: string | undefined
  /** Lets a feature bump minor before 1.0.0 (`features_always_increment_minor`). @default false */
  readonly featuresAlwaysIncrementMinor?: boolean | undefined
  /** @default '0.1.0' */
  readonly initialVersion?: string | undefined
}

/** release-plz without configuration. */
export const everyCommit: EveryCommitPolicy = { kind: 'every-commit', name: 'every-commit' }
