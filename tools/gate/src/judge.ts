import type { Bump, CommitVerdict } from '@waybill/core'
import type { CommitRange, RangeCommit } from './commit-range.ts'
import type { CommitHeader } from './parsed-commit.ts'
import type { Policy } from './policy.ts'
import { applyReverts } from './reverts.ts'
import { isBeforeMajor } from './next-version.ts'

export interface Judged {
  readonly source: RangeCommit
  readonly verdict: CommitVerdict
}

const WEIGHT: Readonly<Record<Bump, number>> = { none: 0, patch: 1, minor: 2, major: 3 }

/** The higher of two bumps. */
export function higherBump(a: Bump, b: Bump): Bump {
  return WEIGHT[a] >= WEIGHT[b] ? a : b
}

/** The highest bump of several. */
export function highestBump(bumps: readonly Bump[]): Bump {
  let highest: Bump = 'none'
  for (const bump of bumps) highest = higherBump(highest, bump)
  return highest
}

/** Gives every commit of a range a verdict, a bump and a reason, by conventional rules. */
export function judgeConventional(range: CommitRange, policy: Policy): Judged[] {
  const early = isBeforeMajor(range.last?.version)
  const judged = range.commits
    .filter((source) => isListed(source, range))
    .map((source) => ({ source, verdict: judgeCommit(source, policy, early) }))
  return applyReverts(mergesOnce(judged))
}

// An empty commit belongs to a component only where there is one; where it orders a version it is shown in any case.
function isListed(source: RangeCommit, { component, components }: CommitRange): boolean {
  if (source.touches.includes(component.name)) return true
  return components.length === 1 || source.parsed.releaseAs.length > 0
}

function judgeCommit(source: RangeCommit, policy: Policy, early: boolean): CommitVerdict {
  const { parsed, commit } = source
  const isMerge = source.parents.length > 1
  const header = parsed.header ?? (isMerge ? parsed.merged : null)
  const { subject } = parsed
  if (header === null && parsed.reverts !== null) {
    return {
      commit,
      subject,
      verdict: 'release',
      bump: 'patch',
      reason: 'takes back something already released',
    }
  }
  if (header === null && parsed.breaking.length === 0) {
    return isMerge
      ? {
          commit,
          subject,
          verdict: 'none',
          bump: 'none',
          reason: 'a merge; the commits it brings count themselves',
        }
      : { commit, subject, verdict: 'unparsed', bump: 'none', reason: unparsedReason(source) }
  }
  const { bump, reason } = bumpOf(header, parsed.breaking.length > 0, policy, early)
  return { commit, subject, verdict: bump === 'none' ? 'none' : 'release', bump, reason }
}

function unparsedReason({ parsed }: RangeCommit): string {
  const near = parsed.findings.find(({ code }) => code === 'near-miss' || code === 'unsquashed')
  if (near === undefined) return 'the subject is no conventional header (type: description)'
  return `the subject is no conventional header; ${near.suggestion ?? near.message}`
}

function bumpOf(
  header: CommitHeader | null,
  footer: boolean,
  policy: Policy,
  early: boolean,
): { bump: Bump; reason: string } {
  const before = early ? ', which before 1.0.0 bumps ' : ''
  if (footer || header?.breaking === true) {
    const bump = early ? (policy.breakingBeforeMajor ?? 'minor') : 'major'
    const why = footer ? 'a BREAKING CHANGE footer' : `"${header!.type}!" marks a breaking change`
    return { bump, reason: `${why}${before === '' ? '' : `${before}${bump}`}` }
  }
  const type = policy.caseSensitive === true ? header!.type : header!.type.toLowerCase()
  const own = Object.hasOwn(policy.types, type) ? policy.types[type]! : undefined
  if (own === undefined)
    return { bump: 'none', reason: `the type "${type}" is not one that releases` }
  if (own === 'none') return { bump: 'none', reason: `the type "${type}" does not release` }
  const bump = own === 'minor' && early ? (policy.featureBeforeMajor ?? 'minor') : own
  return {
    bump,
    reason: `the type "${type}" bumps ${own}${bump === own ? '' : `${before}${bump}`}`,
  }
}

// A merge that repeats what its branch says is not counted again; one that says more is.
function mergesOnce(judged: readonly Judged[]): Judged[] {
  const brought = new Map<string, Bump>()
  for (const { source, verdict } of judged) {
    if (source.broughtBy === undefined || source.parents.length > 1) continue
    brought.set(source.broughtBy, higherBump(brought.get(source.broughtBy) ?? 'none', verdict.bump))
  }
  return judged.map((one) => {
    const { source, verdict } = one
    if (source.parents.length < 2 || verdict.bump === 'none') return one
    const branch = brought.get(source.broughtBy ?? source.commit) ?? 'none'
    if (higherBump(branch, verdict.bump) !== branch) return one
    const reason = 'a merge; the commits it brings count themselves'
    return { source, verdict: { ...verdict, verdict: 'none', bump: 'none', reason } }
  })
}
