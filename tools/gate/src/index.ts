export type { CommitRange, RangeCommit } from './commit-range.ts'
export { decide, type DecideOptions, type PolicyName } from './decide.ts'
export { parseCommit } from './parse-commit.ts'
export type {
  CommitFooter,
  CommitHeader,
  ParsedCommit,
  ReleaseAs,
  Reverts,
} from './parsed-commit.ts'
export { conventional, type Policy } from './policy.ts'
export {
  readAllCommits,
  readCommits,
  type ReadCommitsOptions,
  type ReadOneOptions,
} from './read-commits.ts'
export { tagOf } from './tag-format.ts'
