import type { Decision, Finding, Release } from '@waybill/core'
import type { CommitRange } from './commit-range.ts'
import { highestBump, judgeConventional, type Judged } from './judge.ts'
import { bumpBetween, nextVersion } from './next-version.ts'
import { conventional, type Policy } from './policy.ts'
import { at, resolveReleaseAs, type ReleaseOrder } from './resolve-release-as.ts'
import { tagOf } from './tag-format.ts'

export type PolicyName = 'conventional'

export interface DecideOptions {
  /** @default 'conventional' */
  readonly policy?: PolicyName | Policy | undefined
}

/** Decides whether a component is released, as what version, and why: every commit of the range has a verdict and a reason. Pure. */
export function decide(range: CommitRange, options: DecideOptions = {}): Decision {
  const policy = typeof options.policy === 'object' ? options.policy : conventional
  const judged = judgeConventional(range, policy)
  const { order, findings: orders } = resolveReleaseAs(range, policy)
  const bump = highestBump(judged.map(({ verdict }) => verdict.bump))
  const version =
    order?.version ?? nextVersion(range.last?.version, bump, policy.initialVersion ?? '0.1.0')
  const findings = [...commitFindings(judged), ...orders]
  return conclude({ range, judged, order, version, bump, findings })
}

interface Facts {
  readonly range: CommitRange
  readonly judged: readonly Judged[]
  readonly order: ReleaseOrder | null
  readonly version: string
  readonly bump: Decision['bump']
  readonly findings: readonly Finding[]
}

function conclude(facts: Facts): Decision {
  const { range, order } = facts
  const { component, last, standing } = range
  const due = order !== null || facts.bump !== 'none'
  const findings =
    standing !== null
      ? facts.findings.map(demoted)
      : due
        ? [...facts.findings, ...tagged(facts)]
        : facts.findings
  const bump = order === null ? facts.bump : bumpBetween(last?.version, order.version)
  const commits = facts.judged.map(({ verdict }) => ordered(verdict, order))
  const common = { component, last, bump, commits, findings }
  if (standing !== null) {
    const release = releaseOf(range, standing.version, standing.tag)
    return { ...common, status: 'due', release, releaseAs: order, resumed: true }
  }
  if (findings.some(({ level }) => level === 'error')) return { ...common, status: 'blocked' }
  if (!due) return { ...common, status: 'not-due' }
  const release = releaseOf(range, facts.version, tagOf(component, facts.version))
  return { ...common, status: 'due', release, releaseAs: order, resumed: false }
}

function releaseOf({ component, head }: CommitRange, version: string, tag: string): Release {
  return {
    component: component.name,
    path: component.path,
    version,
    tag,
    commit: head.commit,
    created: head.created,
  }
}

function ordered(verdict: Judged['verdict'], order: ReleaseOrder | null): Judged['verdict'] {
  if (order?.commit !== verdict.commit) return verdict
  return { ...verdict, verdict: 'release', reason: `Release-As orders ${order.version}` }
}

// The release was made; what should have stopped it then can stop nothing now.
function demoted(finding: Finding): Finding {
  return finding.level === 'error' ? { ...finding, level: 'warning' } : finding
}

function tagged({ range, order, version }: Facts): Finding[] {
  if (order !== null || !range.tagged.includes(version)) return []
  return [
    {
      code: 'version-tagged',
      level: 'error',
      message: `${range.component.name} ${version} would be next, but has a tag on a commit that the head does not reach`,
      suggestion: 'Merge the branch that holds that release, or order a version with Release-As',
    },
  ]
}

function commitFindings(judged: readonly Judged[]): Finding[] {
  const findings: Finding[] = []
  for (const { source } of judged) {
    for (const finding of source.parsed.findings) {
      if (finding.code !== 'release-as-inert') findings.push(at(source, finding))
    }
  }
  return findings
}
