import { WaybillError, inTime, type Bump, type CommitVerdict, type Late } from '@waybill/core'
import semver from 'semver'
import type { CommitRange, RangeCommit } from '../commit-range.ts'
import { bumpBetween } from '../next-version.ts'
import { highestBump, type RangeOutcome } from '../outcome.ts'
import type { EveryCommitPolicy } from './policy.ts'

/** Judges a range as release-plz would: every commit in the folder releases, its type only says how far. */
export function judgeEveryCommit(range: CommitRange, policy: EveryCommitPolicy): RangeOutcome {
  const own = range.commits.filter(
    ({ touches, empty }) =>
      touches.includes(range.component.name) || (empty && range.components.length === 1),
  )
  const wanted = matching(own, policy.releaseCommits)
  const judged = own.map((source) => ({ source, verdict: judgeOne(source, wanted) }))
  const due = judged.some(({ verdict }) => verdict.verdict === 'release')
  const raw = highestBump(judged.map(({ source }) => rawBump(source)))
  const version = nextCargoVersion(range.last?.version, raw, policy)
  const bump = due ? bumpBetween(range.last?.version, version) : 'none'
  return { judged, due, bump, version, order: null, findings: [] }
}

// All at once: what ends a pattern that takes too long costs a tenth of a millisecond by itself.
function matching(
  commits: readonly RangeCommit[],
  pattern: string | undefined,
): ReadonlySet<RangeCommit> {
  if (pattern === undefined) return new Set(commits)
  const expression = new RegExp(pattern, 'm')
  const late: Late = (time) =>
    new WaybillError(
      'ERR_INVALID_PATTERN',
      `release_commits: the pattern ${pattern} was not done after ${time} ms`,
      {
        hint: 'It tries too many ways: write it without a repetition within a repetition.',
        outcome: 'usage',
        details: { pattern },
      },
    )
  return new Set(inTime(() => commits.filter(({ message }) => expression.test(message)), late))
}

function judgeOne(source: RangeCommit, wanted: ReadonlySet<RangeCommit>): CommitVerdict {
  const { commit } = source
  const { subject } = source.parsed
  if (!wanted.has(source)) {
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
