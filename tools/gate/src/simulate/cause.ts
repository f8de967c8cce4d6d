import type { RangeOutcome } from '../outcome.ts'
import semver from 'semver'
import type { Policy } from '../policy.ts'
import type { PastRelease } from './past-releases.ts'

/** Why a prediction differs from the tag, in words. */
export function causeOf(
  { version, last }: PastRelease,
  outcome: RangeOutcome,
  policy: Policy,
): string {
  const { due, judged, findings } = outcome
  const error = findings.find(({ level }) => level === 'error')
  const differs =
    outcome.version === version
      ? ''
      : `; ${version} was tagged where ${outcome.version} follows from the commits`
  if (error !== undefined) return `${error.message}${differs}`
  if (due)
    return `${version} was tagged where ${outcome.version} follows from the commits since ${last.tag}${hint(version, outcome.version, policy)}`
  if (judged.length === 0) return `no commit since ${last.tag} touches the component${differs}`
  const [first] = judged
  const what =
    judged.length === 1
      ? `its only commit since ${last.tag}, "${first!.verdict.subject.slice(0, 80)}", does not release: ${first!.verdict.reason}`
      : `none of the ${judged.length} commits since ${last.tag} releases`
  return `${what}${differs}`
}

// What each tool also looks at, and git alone cannot show.
function hint(tagged: string, predicted: string, { kind }: Policy): string {
  const higher = semver.valid(predicted) !== null && semver.gt(tagged, predicted)
  if (kind === 'every-commit' && higher) {
    return '; release-plz also compares public interfaces (cargo-semver-checks), which no commit message tells'
  }
  if (kind === 'release-please') {
    return '; release-please also reads overrides in pull requests, which git does not hold, and a person may set the version'
  }
  return higher
    ? '; a person, or something outside git, raised it'
    : '; a person, or something outside git, held it back'
}
