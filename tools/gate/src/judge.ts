import { judgeAsChangesets } from './changesets/judge.ts'
import type { CommitRange } from './commit-range.ts'
import { judgeConventional } from './conventional/judge.ts'
import { judgeEveryCommit } from './every-commit/judge.ts'
import type { RangeOutcome } from './outcome.ts'
import type { Policy } from './policy.ts'
import { judgeAsReleasePlease } from './release-please/judge.ts'
import { judgeAsSemanticRelease } from './semantic-release/judge.ts'

/** Judges a range by a policy. */
export function judge(range: CommitRange, policy: Policy): RangeOutcome {
  switch (policy.kind) {
    case 'conventional':
      return judgeConventional(range, policy)
    case 'release-please':
      return judgeAsReleasePlease(range, policy)
    case 'semantic-release':
      return judgeAsSemanticRelease(range, policy)
    case 'every-commit':
      return judgeEveryCommit(range, policy)
    case 'changesets':
      return judgeAsChangesets(range, policy)
  }
}
