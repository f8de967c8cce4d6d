import type { Bump, CommitVerdict } from '@waybill/core'
import type { CommitRange, RangeCommit } from '../commit-range.ts'
import { nextVersion } from '../next-version.ts'
import { highestBump, type JudgedCommit, type RangeOutcome } from '../outcome.ts'
import type { SemanticReleasePolicy } from './policy.ts'
import { readSemanticMessage, type SemanticCommit } from './read-message.ts'
import { createRules, type RuleOf } from './rules.ts'

interface Read {
  readonly source: RangeCommit
  readonly commit: SemanticCommit
  /** Taken out of the analysis: the revert, or what it reverts. */
  readonly cancelled: boolean
}

/** Judges a range as semantic-release's analyzer would: at the root every commit counts, whatever it touches. */
export function judgeAsSemanticRelease(
  range: CommitRange,
  policy: SemanticReleasePolicy,
): RangeOutcome {
  const ruleOf = createRules(policy)
  const { name, path } = range.component
  const seen =
    path === '.' ? range.commits : range.commits.filter(({ touches }) => touches.includes(name))
  const judged = cancelReverts(seen, policy).map((read) => judgeOne(read, ruleOf))
  const bump = highestBump(judged.map(({ verdict }) => verdict.bump))
  const version = nextVersion(range.last?.version, bump === 'none' ? 'patch' : bump, '1.0.0')
  return { judged, due: bump !== 'none', bump, version, order: null, findings: [] }
}

// A revert waits for the commit it names; when that comes by, both are gone.
function cancelReverts(commits: readonly RangeCommit[], policy: SemanticReleasePolicy): Read[] {
  const reads = commits.map((source) => ({
    source,
    commit: readSemanticMessage(source.message, policy.preset),
    cancelled: false,
  }))
  const waiting = new Map<string, Read & { cancelled: boolean }>()
  for (const read of reads) {
    const revert = waiting.get(`${read.source.commit} ${read.commit.header.trim()}`)
    if (revert !== undefined && !revert.cancelled) {
      revert.cancelled = true
      read.cancelled = true
    } else if (read.commit.revert !== null) {
      waiting.set(`${read.commit.revert.hash} ${read.commit.revert.header}`, read)
    }
  }
  return reads
}

function judgeOne({ source, commit, cancelled }: Read, ruleOf: RuleOf): JudgedCommit {
  const common = { commit: source.commit, subject: source.parsed.subject }
  const none = (verdict: CommitVerdict['verdict'], reason: string): JudgedCommit => ({
    source,
    verdict: { ...common, verdict, bump: 'none', reason },
  })
  if (cancelled)
    return none('reverted', 'a revert inside the range, and what it reverts, cancel each other')
  if (/\[skip\s+release\]|\[release\s+skip\]/i.test(source.message))
    return none('none', 'it says [skip release]')
  const bump = ruleOf(commit)
  if (bump !== 'none')
    return { source, verdict: { ...common, verdict: 'release', bump, reason: why(commit, bump) } }
  return commit.type === null
    ? none('unparsed', 'the subject does not match the preset (type(scope): subject)')
    : none('none', `no rule releases the type "${commit.type}"`)
}

function why(commit: SemanticCommit, bump: Bump): string {
  if (bump === 'major' && commit.breaking) return 'it notes a breaking change'
  if (commit.revert !== null)
    return `it reverts ${commit.revert.hash.slice(0, 12)}, which was released`
  return `the rules release ${bump} for the type "${commit.type}"`
}
