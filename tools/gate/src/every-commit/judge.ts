import type { Bump, CommitVerdict } from '@waybill/core'
import semver from 'semver'
import type { CommitRange, RangeCommit } from '../commit-range.ts'
import { bumpBetween } from '../next-version.ts'
import { highestBump, type Outcome } from '../outcome.ts'
import type { EveryCommitPolicy } from './policy.ts'

/** Judges a range as release-plz would: every commit in the folder releases, its type only says how far. */
export function judgeEveryCommit(range: CommitRange, policy: EveryCommitPolicy): Outcome {
  const filter = policy.releaseCommits === undefined ? null : new RegExp(policy.releaseCommits, 'm')
  const judged = range.commits
    .filter(
      ({ touches, empty }) =>
        touches.includes(range.component.name) || (empty && range.components.length === 1),
    )
    .map((source) => ({ source, verdict: judgeOne(source, filter) }))
  const due = judged.some(({ verdict }) => verdict.verdict === 'release')
  const raw = highestBump(judged.map(({ source }) => rawBump(source)))
  const version = nextCargoVersion(range.last?.version, raw, policy)
  const bump = due ? bumpBetween(range.last?.version, version) : 'none'
  return { judged, due, bump, version, order: null, findings: [] }
}

function judgeOne(source: RangeCommit, filter: RegExp | null): CommitVerdict {
  const { commit } = source
  const { subject } = source.parsed
  if (filter !== null && !filter.test(source.message)) {
    return {
      commit,
      subject,
      verdict: 'none',
      bump: 'none',
      reason: 'it does not match release_commits',
    }
  }
  return {
    commit,
    subject,
    verdict: 'release',
    bump: rawBump(source),
    reason: 'every commit in the folder releases',
  }
}

function rawBump({ parsed }: RangeCommit): Bump {
  if (parsed.header?.breaking === true || parsed.breaking.length > 0) return 'major'
  return parsed.header?.type.toLowerCase() === 'feat' ? 'minor' : 'patch'
}

// Cargo's reading of semantic versions: the first number that is not zero is the one that may break.
function nextCargoVersion(last: string | undefined, bump: Bump, policy: EveryCommitPolicy): string {
  const version = last === undefined ? null : semver.parse(last)
  if (version === null) return policy.initialVersion ?? '0.1.0'
  if (version.prerelease.length > 0) return semver.inc(version.version, 'prerelease')!
  if (version.major > 0) return semver.inc(version.version, bump === 'none' ? 'patch' : bump)!
  if (version.minor === 0) return semver.inc(version.version, 'patch')!
  const minor =
    bump === 'major' || (bump === 'minor' && policy.featuresAlwaysIncrementMinor === true)
  return semver.inc(version.version, minor ? 'minor' : 'patch')!
}
