import type { Decision, DueDecision } from '@waybill/core'
import type { VersionReason } from '../types.ts'

/** What in the commits asks for the release. */
export function reasonsOf(decision: Decision): readonly VersionReason[] {
  const forced = decision.status === 'due' ? [...forcedBy(decision), ...promotedBy(decision)] : []
  const commits = decision.commits
    .filter(({ verdict, bump }) => verdict === 'release' && bump !== 'none')
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

// A promotion is the only release of nothing new.
function promotedBy({ last, commits, bump, releaseAs }: DueDecision): readonly VersionReason[] {
  if (last === null || releaseAs !== null || commits.length > 0) return []
  if (!last.version.includes('-')) return []
  return [
    { kind: 'prerelease', bump, reason: `promotes ${last.version}, the version that was tested` },
  ]
}
