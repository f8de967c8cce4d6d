import type { ContextOptions, Decision, DueDecision, Finding, Release } from '@waybill/core'
import { decide, readAllCommits } from '@waybill/gate'
import { planVersions, releasesOf, type PlannedRelease, type VersionPlan } from '@waybill/version'
import type { Definition } from '../definition/types.ts'
import { versionOptions, type VersionValues } from './version-options.ts'
import { componentEntry, componentsOf } from './components.ts'
import { policyOfEntry } from './policy.ts'

export interface DecideReleasesOptions extends ContextOptions, VersionValues {
  /** Only this component; it still follows what the others do. */
  readonly component?: string | undefined
}

/** What is released and why: each component's decision, and the versions planned for all of them. */
export interface DecidedReleases {
  readonly decisions: readonly Decision[]
  readonly versions: VersionPlan
}

/**
 * Decides every component of a definition by its commits, and by what follows from the others: a component is due as well where a
 * changeset names it, where something it needs leaves its range, or where its group moves. Writes nothing.
 * @throws {ERR_UNKNOWN_COMPONENT}, and what `readAllCommits` and `planVersions` throw.
 */
export async function decideReleases(
  definition: Definition,
  options: DecideReleasesOptions = {},
): Promise<DecidedReleases> {
  const { component, ...context } = options
  if (component !== undefined) componentEntry(definition, component)
  const policy = policyOfEntry(definition.policy)
  const ranges = await readAllCommits(componentsOf(definition), context)
  const decided = ranges.map((range) => decide(range, { policy }))
  const versions = await planVersions(decided, {
    ...context,
    ...versionOptions(definition, options),
  })
  const releases = releasesOf(versions, ranges[0]!.head)
  const errors = ownErrors(versions, decided)
  const decisions = decided.map((decision) => follow(decision, { versions, releases, errors }))
  return {
    decisions: decisions.filter(({ component: { name } }) => (component ?? name) === name),
    versions,
  }
}

// Errors of decisions are among the plan's findings too; those are known already.
function ownErrors({ findings }: VersionPlan, decisions: readonly Decision[]): Finding[] {
  const known = new Set(decisions.flatMap((decision) => decision.findings))
  return findings.filter((finding) => finding.level === 'error' && !known.has(finding))
}

interface Planned {
  readonly versions: VersionPlan
  readonly releases: readonly Release[]
  readonly errors: readonly Finding[]
}

function follow(decision: Decision, { versions, releases, errors }: Planned): Decision {
  const { component, last, bump, commits, findings } = decision
  if (decision.status === 'blocked') return decision
  const release = releases.find((one) => one.component === component.name)
  const due = decision.status === 'due' ? decision : undefined
  // The release on this very commit is finished as it is, unless what was tested there is promoted.
  if (due?.resumed === true && (release ?? due.release).version === due.release.version) return due
  // Where nothing is due, nobody knows what would be without the error.
  if (errors.length > 0 && (release !== undefined || releases.length === 0)) {
    const all = [...findings, ...errors]
    return { component, last, bump, commits, findings: all, status: 'blocked' }
  }
  if (release === undefined)
    return { component, last, bump: 'none', commits, findings, status: 'not-due' }
  const planned = versions.releases.find((one) => one.component === component.name)!
  return dueBy(decision, release, planned)
}

function dueBy(decision: Decision, release: Release, planned: PlannedRelease): DueDecision {
  const { component, last, commits, findings } = decision
  const reasons = planned.reasons.filter(({ kind }) => kind !== 'commit' && kind !== 'release-as')
  return {
    component,
    last,
    commits,
    findings,
    status: 'due',
    bump: planned.bump,
    release,
    releaseAs: decision.status === 'due' ? decision.releaseAs : null,
    resumed: false,
    ...(reasons.length === 0 ? {} : { reasons: reasons.map(({ reason }) => reason) }),
  }
}
