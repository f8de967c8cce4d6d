import type { Bump, CommitVerdict, Finding } from '@waybill/core'
import type { CommitRange, RangeCommit } from '../commit-range.ts'
import type { CommitHeader } from '../parsed-commit.ts'
import {
  higherBump,
  highestBump,
  type JudgedCommit,
  type RangeOutcome,
  type ReleaseOrder,
} from '../outcome.ts'
import type { ConventionalPolicy } from './policy.ts'
import { at, mayOrder, resolveReleaseAs } from './resolve-release-as.ts'
import { applyReverts } from './reverts.ts'
import { bumpBetween, isBeforeMajor, nextVersion } from '../next-version.ts'

/** Judges a range by conventional rules: every commit gets a verdict, a bump and a reason, and Release-As is checked. */
export function judgeConventional(range: CommitRange, policy: ConventionalPolicy): RangeOutcome {
  const early = isBeforeMajor(range.last?.version)
  const bumpOf = createBumpOf(policy, early)
  const read: JudgedCommit[] = []
  for (const source of range.commits) {
    if (isListed(source, range)) read.push({ source, verdict: judgeCommit(source, bumpOf) })
  }
  const { order, findings: orders } = resolveReleaseAs(range, policy)
  const counted = applyReverts(mergesOnce(read))
  const judged = order === null ? counted : counted.map((one) => ordered(one, order))
  const computed = highestBump(judged.map(({ verdict }) => verdict.bump))
  const bump = order === null ? computed : bumpBetween(range.last?.version, order.version)
  const version =
    order?.version ?? nextVersion(range.last?.version, computed, policy.initialVersion ?? '0.1.0')
  const due = order !== null || computed !== 'none'
  return { judged, due, bump, version, order, findings: [...commitFindings(judged), ...orders] }
}

function ordered(one: JudgedCommit, order: ReleaseOrder): JudgedCommit {
  if (order.commit !== one.source.commit) return one
  const reason = `Release-As orders ${order.version}`
  return { source: one.source, verdict: { ...one.verdict, verdict: 'release', reason } }
}

function commitFindings(judged: readonly JudgedCommit[]): Finding[] {
  const findings: Finding[] = []
  for (const { source } of judged) {
    if (source.parsed.findings.length === 0) continue
    for (const finding of source.parsed.findings) {
      if (finding.code !== 'release-as-inert') findings.push(at(source, finding))
    }
  }
  return findings
}

// An empty commit belongs to a component only where there is one; where it may order a version it is shown in any case.
function isListed(source: RangeCommit, range: CommitRange): boolean {
  if (source.touches.includes(range.component.name) || mayOrder(source, range)) return true
  return range.components.length === 1 && source.empty
}

function judgeCommit(source: RangeCommit, bumpOf: BumpOf): CommitVerdict {
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
  const { bump, reason } = bumpOf(header, parsed.breaking.length > 0)
  return { commit, subject, verdict: bump === 'none' ? 'none' : 'release', bump, reason }
}

function unparsedReason({ parsed }: RangeCommit): string {
  const near = parsed.findings.find(({ code }) => code === 'near-miss' || code === 'unsquashed')
  if (near === undefined) return 'the subject is no conventional header (type: description)'
  return `the subject is no conventional header; ${near.suggestion ?? near.message}`
}

type Reasoned = Pick<CommitVerdict, 'bump' | 'reason'>
type BumpOf = (header: CommitHeader | null, footer: boolean) => Reasoned

// What an ordinary commit bumps follows from its type alone, and is put into words once for all of them.
function createBumpOf(policy: ConventionalPolicy, early: boolean): BumpOf {
  const byType = new Map<string, Reasoned>()
  const breaking = (why: string): Reasoned => {
    const bump = early ? (policy.breakingBeforeMajor ?? 'minor') : 'major'
    return { bump, reason: `${why}${early ? beforeMajor(bump) : ''}` }
  }
  return (header, footer) => {
    if (footer || header === null) return breaking('a BREAKING CHANGE footer')
    if (header.breaking) return breaking(`"${header.type}!" marks a breaking change`)
    const known = byType.get(header.type)
    if (known !== undefined) return known
    const found = typeBump(header.type, policy, early)
    byType.set(header.type, found)
    return found
  }
}

const beforeMajor = (bump: Bump): string => `, which before 1.0.0 bumps ${bump}`

function typeBump(written: string, policy: ConventionalPolicy, early: boolean): Reasoned {
  const type = policy.caseSensitive === true ? written : written.toLowerCase()
  const own = Object.hasOwn(policy.types, type) ? policy.types[type]! : undefined
  if (own === undefined)
    return { bump: 'none', reason: `the type "${type}" is not one that releases` }
  if (own === 'none') return { bump: 'none', reason: `the type "${type}" does not release` }
  const bump = own === 'minor' && early ? (policy.featureBeforeMajor ?? 'minor') : own
  return {
    bump,
    reason: `the type "${type}" bumps ${own}${bump === own ? '' : beforeMajor(bump)}`,
  }
}

// A merge that repeats what its branch says is not counted again; one that says more is.
function mergesOnce(judged: readonly JudgedCommit[]): readonly JudgedCommit[] {
  if (!judged.some(({ source }) => source.parents.length > 1)) return judged
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
