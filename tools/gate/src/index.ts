export type { ChangesetFile, CommitRange, RangeCommit } from './commit-range.ts'
export { decide, type DecideOptions } from './decide.ts'
export { parseCommit } from './parse-commit.ts'
export { parseFooters } from './parse-footers.ts'
export type {
  CommitFooter,
  CommitHeader,
  ParsedCommit,
  ReleaseAs,
  Reverts,
} from './parsed-commit.ts'
export { policies, policyOf, type Policy, type PolicyName } from './policy.ts'
export type { ChangesetsPolicy } from './changesets/policy.ts'
export { conventional, type ConventionalPolicy } from './conventional/policy.ts'
export type { EveryCommitPolicy } from './every-commit/policy.ts'
export {
  releasePleaseDefaults,
  type ReleasePleasePolicy,
  type ReleasePleaseSection,
  type ReleasePleaseVersioning,
} from './release-please/policy.ts'
export type { ReleaseRule, SemanticReleasePolicy } from './semantic-release/policy.ts'
export {
  readAllCommits,
  readCommits,
  type ReadCommitsOptions,
  type ReadOneOptions,
} from './read-commits.ts'
export { tagOf } from './tag-format.ts'
export { simulate } from './simulate/simulate.ts'
export type {
  SimulatedRelease,
  SimulateOptions,
  Simulation,
  SimulationTotals,
} from './simulate/simulation.ts'
export {
  explain,
  type CommitExplanation,
  type ComponentExplanation,
  type ExplainOptions,
} from './explain.ts'
export { lintTitle, type LintedTitle, type LintTitleOptions } from './lint-title.ts'
