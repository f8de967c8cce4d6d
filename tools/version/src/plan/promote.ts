import type { Decision, DueDecision, Finding, LastRelease } from '@waybill/core'
import { tagOf } from '@waybill/gate'
import semver from 'semver'

/** The decisions a promotion makes of those at hand. */
export interface Promotion {
  readonly decisions: readonly Decision[]
  readonly findings: readonly Finding[]
}

/**
 * Turns every component whose last release is a prerelease into the release of exactly that version without its prerelease part:
 * what was tested, not what the commits would make of it. Components without one stay as they are, undue. Commits that came after
 * the tested version are errors among the findings.
 */
export function promote(decisions: readonly Decision[]): Promotion {
  return {
    decisions: decisions.map((decision) => promoted(decision) ?? undue(decision)),
    findings: decisions.flatMap(untested),
  }
}

// The last release, or the one whose tag stands on this very commit.
function tested(decision: Decision): LastRelease | null {
  if (decision.status !== 'due' || !decision.resumed) return decision.last
  const { tag, version, commit } = decision.release
  return { tag, version, commit }
}

function promoted(decision: Decision): DueDecision | undefined {
  const { component, findings } = decision
  const last = tested(decision)
  if (last === null || semver.prerelease(last.version) === null) return undefined
  const version = semver.inc(last.version, 'patch')!
  const created = decision.status === 'due' ? decision.release.created : 0
  const { name, path } = component
  const release = {
    component: name,
    path,
    version,
    tag: tagOf(component, version),
    commit: last.commit,
    created,
  }
  const common = { component, last, commits: [], findings, release, releaseAs: null }
  return { ...common, status: 'due', bump: 'patch', resumed: false }
}

function undue({ component, last, commits, findings }: Decision): Decision {
  return { status: 'not-due', component, last, bump: 'none', commits, findings }
}

function untested(decision: Decision): readonly Finding[] {
  const { component, last, commits } = decision
  if (last === null || tested(decision) !== last || semver.prerelease(last.version) === null)
    return []
  return commits
    .filter(({ verdict }) => verdict === 'release')
    .map(({ commit, subject }) => ({
      code: 'untested-commit',
      level: 'error',
      message: `${component.name}: "${subject}" came after ${last.version}, which is to be promoted`,
      suggestion:
        'Promote on the commit of the tested version, or release and test another prerelease.',
      where: { commit },
    }))
}
