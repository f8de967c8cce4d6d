import type { Bump, Finding } from '@waybill/core'
import type { CommitRange, RangeCommit } from '../commit-range.ts'
import { bumpBetween } from '../next-version.ts'
import { highestBump, type JudgedCommit, type RangeOutcome, type ReleaseOrder } from '../outcome.ts'
import type { ReleasePleasePolicy } from './policy.ts'
import { readMessage, type ReadCommit } from './read-message.ts'
import { bumpLoosely, normaliseVersion } from './version.ts'

/** A commit, read and judged; `raw` is what it adds to the bump, visible or not. */
interface Read extends JudgedCommit {
  readonly raw: Bump
  readonly visible: boolean
  /** The text of its Release-As footer. */
  readonly releaseAs: string | null
}

// The expression its changelog looks for; it disagrees with the one that reads the version.
const SHOWN = /release-as:\s*\w*@?\d+\.\d+\.[0-9a-z]+/i

/** Judges a range as release-please 17 would: what its changelog shows releases, but everything it reads feeds the bump. */
export function judgeAsReleasePlease(
  range: CommitRange,
  policy: ReleasePleasePolicy,
): RangeOutcome {
  const early = isEarly(range.last?.version)
  const reads = range.commits
    .filter((source) => isSeen(source, range))
    .map((source) => judgeOne(source, policy, early))
  const bump = highestBump(reads.map(({ raw }) => raw))
  const { order, findings } = findOrder(reads, policy, range)
  const computed = computeVersion(range, bump, policy)
  const version = policy.releaseAs ?? order?.version ?? computed
  const due = reads.some(({ visible }) => visible)
  const how = due ? bumpBetween(range.last?.version, version) : 'none'
  return { judged: reads, due, bump: how, version, order: due ? order : null, findings }
}

function isEarly(version: string | undefined): boolean {
  return version !== undefined && Number(/^\d+/.exec(version)?.[0] ?? '1') < 1
}

// The root package gets every commit, and an empty commit goes to every package.
function isSeen(source: RangeCommit, { component }: CommitRange): boolean {
  return component.path === '.' || source.empty || source.touches.includes(component.name)
}

function computeVersion(range: CommitRange, bump: Bump, policy: ReleasePleasePolicy): string {
  if (range.last === null) return policy.initialVersion ?? '1.0.0'
  return bumpLoosely(range.last.version, bump === 'none' ? 'patch' : bump, policy)
}

function judgeOne(source: RangeCommit, policy: ReleasePleasePolicy, early: boolean): Read {
  const { commits, failures } = readMessage(source.message)
  const { commit } = source
  const { subject } = source.parsed
  const releaseAs = commits.find((read) => read.releaseAs !== null)?.releaseAs ?? null
  if (commits.length === 0) {
    const reason = `release-please skips it: ${failures[0] ?? 'it is empty'}`
    const verdict = { commit, subject, verdict: 'unparsed', bump: 'none', reason } as const
    return { source, verdict, raw: 'none', visible: false, releaseAs }
  }
  const shown = commits.filter((read) => isShown(read, policy))
  const raw = highestBump(commits.map((read) => bumpOf(read, policy, early)))
  const visible = shown.length > 0
  const reason = visible ? shownReason(shown[0]!, policy) : hiddenReason(commits.at(-1)!, policy)
  const verdict = {
    commit,
    subject,
    verdict: visible ? 'release' : 'none',
    bump: visible ? raw : 'none',
    reason,
  } as const
  return { source, verdict, raw, visible, releaseAs }
}

function bumpOf(read: ReadCommit, policy: ReleasePleasePolicy, early: boolean): Bump {
  if (read.breaking) return early && policy.bumpMinorPreMajor === true ? 'minor' : 'major'
  if (read.type !== 'feat' && read.type !== 'feature') return 'patch'
  return early && policy.bumpPatchForMinorPreMajor === true ? 'patch' : 'minor'
}

function isShown(read: ReadCommit, policy: ReleasePleasePolicy): boolean {
  if (read.breaking || (read.releaseAs !== null && SHOWN.test(`Release-As: ${read.releaseAs}`)))
    return true
  const section = sectionOf(read, policy)
  return section !== undefined && section.hidden !== true
}

function sectionOf(
  read: ReadCommit,
  policy: ReleasePleasePolicy,
): ReleasePleasePolicy['sections'][number] | undefined {
  const type = read.type.toLowerCase()
  return policy.sections.find(
    (section) =>
      section.type === type &&
      (section.scope === undefined || section.scope === '' || section.scope === read.scope),
  )
}

function shownReason(read: ReadCommit, policy: ReleasePleasePolicy): string {
  if (read.breaking) return 'a breaking change is always in the changelog'
  const section = sectionOf(read, policy)
  if (section !== undefined && section.hidden !== true)
    return `the type "${read.type}" is in the changelog`
  return `Release-As orders ${read.releaseAs}`
}

function hiddenReason(read: ReadCommit, policy: ReleasePleasePolicy): string {
  const why = sectionOf(read, policy) === undefined ? 'has no section in' : 'is hidden from'
  return `the type "${read.type}" ${why} the changelog`
}

// The newest footer wins, whatever it says; one without a version ends the whole run.
function findOrder(
  reads: readonly Read[],
  policy: ReleasePleasePolicy,
  range: CommitRange,
): { order: ReleaseOrder | null; findings: Finding[] } {
  const first = reads.find(({ releaseAs }) => releaseAs !== null)
  if (first === undefined || policy.releaseAs !== undefined) return { order: null, findings: [] }
  const version = normaliseVersion(first.releaseAs!)
  if (version !== null) return { order: { version, commit: first.source.commit }, findings: [] }
  const message = `"Release-As: ${first.releaseAs}" holds no version; release-please stops on it for ${range.component.name}`
  return {
    order: null,
    findings: [
      {
        code: 'release-as-malformed',
        level: 'error',
        message,
        where: { commit: first.source.commit },
      },
    ],
  }
}
