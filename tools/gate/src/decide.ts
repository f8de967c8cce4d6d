import { tagNameProblem, type Decision, type Finding, type Release } from '@waybill/core'
import type { CommitRange } from './commit-range.ts'
import { judge } from './judge.ts'
import type { RangeOutcome } from './outcome.ts'
import { policyOf, type Policy, type PolicyName } from './policy.ts'
import { tagOf } from './tag-format.ts'

export interface DecideOptions {
  /** @default 'conventional' */
  readonly policy?: PolicyName | Policy | undefined
}

/**
 * Decides whether a component is released, as what version, and why: every commit of the range has a verdict and a reason. Pure.
 * @throws {ERR_UNKNOWN_POLICY}
 */
export function decide(range: CommitRange, options: DecideOptions = {}): Decision {
  return conclude(range, judge(range, policyOf(options.policy ?? 'conventional')))
}

function conclude(range: CommitRange, outcome: RangeOutcome): Decision {
  const { component, last, standing } = range
  const { bump, due, order } = outcome
  const commits = outcome.judged.map(({ verdict }) => verdict)
  const common = { component, last, bump, commits }
  if (standing !== null) {
    const release = releaseOf(range, standing.version, standing.tag)
    const findings = outcome.findings.map(demoted)
    return { ...common, findings, status: 'due', release, releaseAs: order, resumed: true }
  }
  const findings = [
    ...outcome.findings,
    ...taggedElsewhere(range, outcome),
    ...unreachable(range),
    ...unfitTag(range, outcome),
  ]
  if (findings.some(({ level }) => level === 'error'))
    return { ...common, findings, status: 'blocked' }
  if (!due) return { ...common, findings, status: 'not-due' }
  const release = releaseOf(range, outcome.version, tagOf(component, outcome.version))
  return { ...common, findings, status: 'due', release, releaseAs: order, resumed: false }
}

// Found out here and not when everything is built and the tag is pushed.
// The version counts too: a tag may not end with ".lock", and a version may.
function unfitTag({ component }: CommitRange, { due, version }: RangeOutcome): Finding[] {
  const problem = due ? tagNameProblem(tagOf(component, version)) : undefined
  if (problem === undefined) return []
  return [
    {
      code: 'invalid-tag',
      level: 'error',
      message: `${component.name}: git takes no such tag: ${problem}`,
      suggestion: `Change the tag format of the component, now ${JSON.stringify(component.tag)}`,
    },
  ]
}

function releaseOf({ component, head }: CommitRange, version: string, tag: string): Release {
  const { name, path } = component
  return { component: name, path, version, tag, commit: head.commit, created: head.created }
}

// The release was made; what should have stopped it then can stop nothing now.
function demoted(finding: Finding): Finding {
  return finding.level === 'error' ? { ...finding, level: 'warning' } : finding
}

// A first release where there are releases already: on a branch that was never merged, or in a history that was written anew.
function unreachable({ component, last, tagged }: CommitRange): Finding[] {
  if (last !== null || tagged.length === 0) return []
  const more = tagged.length > 1 ? ` and ${tagged.length - 1} more` : ''
  return [
    {
      code: 'tags-unreachable',
      level: 'warning',
      message: `${component.name} counts as never released: none of its tags (${tagOf(component, tagged[0]!)}${more}) is reachable from the head`,
      suggestion: 'Merge the branch that holds the last release, if this line goes on from it',
    },
  ]
}

// An ordered version is checked where it is ordered.
function taggedElsewhere(range: CommitRange, { due, order, version }: RangeOutcome): Finding[] {
  if (!due || order !== null || !range.tagged.includes(version)) return []
  return [
    {
      code: 'version-tagged',
      level: 'error',
      message: `${range.component.name} ${version} would be next, but has a tag on a commit that the head does not reach`,
      suggestion: 'Merge the branch that holds that release, or order a version with Release-As',
    },
  ]
}
