import { suggest, type Finding } from '@waybill/core'
import semver from 'semver'
import type { CommitRange, RangeCommit } from '../commit-range.ts'
import type { ReleaseAs } from '../parsed-commit.ts'
import type { ReleaseOrder } from '../outcome.ts'
import type { ConventionalPolicy } from './policy.ts'

export interface ResolvedReleaseAs {
  readonly order: ReleaseOrder | null
  readonly findings: readonly Finding[]
}

/** What one commit orders for the component, and what is wrong with it. */
interface Candidate {
  readonly source: RangeCommit
  readonly version: string | null
  readonly findings: readonly Finding[]
}

/** Finds the version that a Release-As orders: the newest order wins, the one whose commit reaches the others. */
export function resolveReleaseAs(
  range: CommitRange,
  policy: ConventionalPolicy,
): ResolvedReleaseAs {
  const candidates = range.commits
    .filter((source) => mayOrder(source, range))
    .map((source) => readCandidate(source, range, policy))
  const orders = candidates.filter(({ version }) => version !== null)
  const findings = candidates.flatMap((candidate) =>
    orders.some((order) => supersedes(order, candidate))
      ? candidate.findings.map(superseded)
      : candidate.findings,
  )
  const newest = orders.filter((order) => !orders.some((other) => supersedes(other, order)))
  const versions = new Set(newest.map(({ version }) => version))
  if (versions.size > 1) return { order: null, findings: [...findings, unordered(newest)] }
  const [first] = newest
  const order =
    first === undefined ? null : { version: first.version!, commit: first.source.commit }
  return { order, findings }
}

/** Whether a commit speaks of Release-As, and may mean this component: it touches it, touches none, or names it. */
export function mayOrder({ touches, parsed }: RangeCommit, { component }: CommitRange): boolean {
  const { releaseAs, findings } = parsed
  if (releaseAs.length === 0 && findings.length === 0) return false
  if (releaseAs.some((mark) => mark.component === component.name || mark.component === '*'))
    return true
  if (touches.length > 0 && !touches.includes(component.name)) return false
  return releaseAs.length > 0 || findings.some(isInert)
}

function supersedes(order: Candidate, other: Candidate): boolean {
  return order.source.reaches?.includes(other.source.commit) === true
}

const isInert = ({ code }: Finding): boolean => code === 'release-as-inert'

// History cannot be mended; a newer order that is right silences an older one that is wrong.
function superseded(finding: Finding): Finding {
  return finding.level === 'error'
    ? { ...finding, level: 'note', message: `${finding.message} (a newer Release-As replaces it)` }
    : finding
}

function readCandidate(
  source: RangeCommit,
  range: CommitRange,
  policy: ConventionalPolicy,
): Candidate {
  const findings: Finding[] = source.parsed.findings
    .filter(isInert)
    .map((finding) => at(source, finding))
  const versions = new Set<string>()
  for (const mark of source.parsed.releaseAs) {
    const read = readMark(mark, source, range, policy)
    if (read === 'another') continue
    if (typeof read === 'string') versions.add(read)
    else findings.push(at(source, { ...read, where: { line: mark.line } }))
  }
  if (versions.size > 1) {
    const message = `the commit orders ${[...versions].join(' and ')} for ${range.component.name}`
    findings.push(
      at(
        source,
        error('release-as-contradiction', message, 'Make a new commit with one Release-As'),
      ),
    )
  }
  const broken = versions.size !== 1 || findings.some(({ level }) => level === 'error')
  return { source, version: broken ? null : [...versions][0]!, findings }
}

type Complaint = Pick<Finding, 'code' | 'level' | 'message' | 'suggestion'>

/** The version a mark orders here, what is wrong with it, or `another` where it is meant for another component or line. */
function readMark(
  mark: ReleaseAs,
  source: RangeCommit,
  range: CommitRange,
  policy: ConventionalPolicy,
): string | Complaint {
  const { component, components } = range
  const known = components.map(({ name }) => name)
  if (mark.component !== null && mark.component !== '*') {
    if (!known.includes(mark.component)) {
      return error(
        'release-as-unknown',
        `"${mark.text}" names the unknown component "${mark.component}"; ${suggest(mark.component, known)}`,
      )
    }
    if (mark.component !== component.name) return 'another'
  }
  const elsewhere = source.touches.length > 0 && !source.touches.includes(component.name)
  if (mark.component === null && elsewhere) return 'another'
  const { header, merged } = source.parsed
  if (header === null && merged === null && source.parents.length < 2) {
    return error(
      'release-as-inert',
      `"${mark.text}" stands under "${source.parsed.subject}", which is no conventional header`,
      'Write the subject as type: description, for instance chore: release',
    )
  }
  if (mark.version === null) {
    return error(
      'release-as-malformed',
      `"${mark.text}" holds no semantic version`,
      'Write Release-As: 1.4.0',
    )
  }
  if (mark.component === null && source.touches.length === 0 && components.length > 1) {
    return error(
      'release-as-ambiguous',
      `"${mark.text}" stands in a commit that changes none of the components ${known.join(', ')}`,
      `Write Release-As(${component.name}): ${mark.version}, or Release-As(*): ${mark.version} for all`,
    )
  }
  if (source.fulfilled?.includes(mark.version) === true) return 'another'
  return checkVersion(mark, range, policy) ?? mark.version
}

function checkVersion(
  mark: ReleaseAs,
  range: CommitRange,
  policy: ConventionalPolicy,
): Complaint | null {
  const { last, standing, tagged, component } = range
  const version = mark.version!
  if (standing !== null && semver.eq(standing.version, version)) return null
  if (tagged.some((tag) => semver.eq(tag, version))) {
    return error(
      'release-as-tagged',
      `"${mark.text}": ${component.name} ${version} has a tag already`,
      'Order a version that was never released',
    )
  }
  if (last !== null && semver.lte(version, last.version) && policy.allowDowngrade !== true) {
    const how = semver.eq(version, last.version) ? 'equal to' : 'lower than'
    return error(
      'release-as-lower',
      `"${mark.text}" is ${how} the last release, ${last.version}`,
      'Order a higher version, or set allowDowngrade',
    )
  }
  return null
}

function error(code: string, message: string, suggestion?: string): Complaint {
  return { code, level: 'error', message, ...(suggestion === undefined ? {} : { suggestion }) }
}

function unordered(orders: readonly Candidate[]): Finding {
  const what = orders
    .map(({ version, source }) => `${version} (${source.commit.slice(0, 12)})`)
    .join(' and ')
  return {
    ...error(
      'release-as-unordered',
      `${what} are ordered by commits of which none descends from the other`,
      'Make a commit with the Release-As that shall hold',
    ),
    where: { commit: orders[0]!.source.commit },
  }
}

/** Adds the commit to where a finding was made. */
export function at(source: RangeCommit, finding: Finding): Finding {
  return { ...finding, where: { ...finding.where, commit: source.commit } }
}
