import type { Decision, DueDecision } from '@waybill/core'
import type { PlannedRelease, VersionReason } from '../types.ts'

/** The release a decision calls for, none where nothing is due. */
export function releaseOf(decision: Decision): readonly PlannedRelease[] {
  if (decision.status !== 'due') return []
  const { release, last, bump } = decision
  return [
    {
      component: release.component,
      path: release.path,
      from: last?.version ?? null,
      to: release.version,
      tag: release.tag,
      bump,
      reasons: reasonsOf(decision),
    },
  ]
}

/** What in the commits asks for the release. */
export function reasonsOf(decision: Decision): readonly VersionReason[] {
  const forced = decision.status === 'due' ? forcedBy(decision) : []
  const commits = decision.commits
    .filter(({ verdict }) => verdict === 'release')
    .map(({ commit, bump, subject, reason }) => ({
      kind: 'commit' as const,
      bump,
      reason: `${subject}: ${reason}`,
      commit,
    }))
  return [...forced, ...commits]
}

function forcedBy({ releaseAs, bump }: DueDecision): readonly VersionReason[] {
  if (releaseAs === null) return []
  const reason = `Release-As: ${releaseAs.version}`
  return [{ kind: 'release-as', bump, reason, commit: releaseAs.commit }]
}
