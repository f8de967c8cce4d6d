import type { Outcome } from '../outcome.ts'
import type { PastRelease } from './past-releases.ts'

/** Why a prediction differs from the tag, in words. */
export function causeOf({ version, last }: PastRelease, outcome: Outcome): string {
  const { due, judged, findings } = outcome
  const error = findings.find(({ level }) => level === 'error')
  const differs =
    outcome.version === version
      ? ''
      : `; ${version} was tagged where ${outcome.version} follows from the commits`
  if (error !== undefined) return `${error.message}${differs}`
  if (due)
    return `${version} was tagged where ${outcome.version} follows from the commits since ${last.tag}`
  if (judged.length === 0) return `no commit since ${last.tag} touches the component${differs}`
  const [first] = judged
  const what =
    judged.length === 1
      ? `its only commit since ${last.tag}, "${first!.verdict.subject.slice(0, 80)}", does not release: ${first!.verdict.reason}`
      : `none of the ${judged.length} commits since ${last.tag} releases`
  return `${what}${differs}`
}
