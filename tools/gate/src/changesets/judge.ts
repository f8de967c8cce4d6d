import type { Bump, CommitVerdict } from '@waybill/core'
import type { ChangesetFile, CommitRange, RangeCommit } from '../commit-range.ts'
import { nextVersion } from '../next-version.ts'
import { highestBump, type RangeOutcome } from '../outcome.ts'
import type { ChangesetsPolicy } from './policy.ts'

/** Judges a range as changesets would: a commit releases what the changeset files it adds say. */
export function judgeAsChangesets(range: CommitRange, _policy: ChangesetsPolicy): RangeOutcome {
  const added = new Map<string, ChangesetFile[]>()
  for (const file of range.changesets ?? []) {
    added.set(file.commit, [...(added.get(file.commit) ?? []), file])
  }
  const judged = range.commits
    .filter(({ commit, touches }) => touches.includes(range.component.name) || added.has(commit))
    .map((source) => ({ source, verdict: judgeOne(source, added.get(source.commit) ?? [], range) }))
  const bump = highestBump(judged.map(({ verdict }) => verdict.bump))
  const version = nextVersion(range.last?.version, bump === 'none' ? 'patch' : bump, '0.1.0')
  return { judged, due: bump !== 'none', bump, version, order: null, findings: [] }
}

function judgeOne(
  source: RangeCommit,
  files: readonly ChangesetFile[],
  range: CommitRange,
): CommitVerdict {
  const { commit } = source
  const { subject } = source.parsed
  const { name } = range.component
  const own = files.filter(({ bumps }) => bumpFor(name, bumps) !== undefined)
  const bump: Bump = highestBump(own.map(({ bumps }) => bumpFor(name, bumps) ?? 'none'))
  if (own.length === 0) {
    const reason =
      files.length === 0
        ? 'it adds no changeset'
        : `its changesets do not name ${range.component.name}`
    return { commit, subject, verdict: 'none', bump: 'none', reason }
  }
  const reason = `it adds ${own.map(({ path }) => path).join(', ')}`
  return { commit, subject, verdict: bump === 'none' ? 'none' : 'release', bump, reason }
}

// A component may be called what its package is without the scope.
function bumpFor(name: string, bumps: ChangesetFile['bumps']): Bump | undefined {
  if (Object.hasOwn(bumps, name)) return bumps[name]
  const [, bump] =
    Object.entries(bumps).find(([key]) => key.replace(/^@[^/]+\//, '') === name) ?? []
  return bump
}
