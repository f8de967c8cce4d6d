import type { Bump, CommitVerdict, Component, Decision, Finding } from '@waybill/core'
import { decide, type DecideOptions } from './decide.ts'
import { historyGit, type HistoryGit } from './git.ts'
import { readAllCommits, type ReadCommitsOptions } from './read-commits.ts'
import { listTags } from './read-tags.ts'
import { resolveCommit } from './revisions.ts'
import { tagFormat, versionOf } from './tag-format.ts'
import semver from 'semver'

/** What one commit means for one component. */
export interface ComponentExplanation {
  readonly name: string
  readonly verdict: CommitVerdict['verdict']
  readonly bump: Bump
  readonly reason: string
  readonly findings: readonly Finding[]
}

/** What one commit means for every component. */
export interface CommitExplanation {
  readonly schemaVersion: 1
  readonly commit: string
  readonly subject: string
  readonly components: readonly ComponentExplanation[]
}

export interface ExplainOptions extends ReadCommitsOptions, DecideOptions {
  readonly components: readonly Component[]
}

/** Says in words what was decided and why. */
export function explain(decision: Decision): string
/**
 * Says why a commit releases each component, or not: in the range of the release that holds it, or of the next one; one that
 * `until` does not reach, as if it were released itself.
 * @throws {ERR_UNKNOWN_REVISION} and as `readAllCommits`.
 */
export function explain(commit: string, options: ExplainOptions): Promise<CommitExplanation>
export function explain(
  target: Decision | string,
  options?: ExplainOptions,
): string | Promise<CommitExplanation> {
  return typeof target === 'string' ? explainCommit(target, options!) : explainDecision(target)
}

function explainDecision(decision: Decision): string {
  const { commits, findings, component, last } = decision
  const since = last === null ? 'so far (it was never released)' : `since ${last.tag}`
  const counted = commits.filter(({ verdict }) => verdict === 'release')
  const lines = [
    headline(decision),
    `${commits.length} ${commits.length === 1 ? 'commit concerns' : 'commits concern'} ${component.name} ${since}; ${counted.length} of them release.`,
    ...commits.map(
      ({ commit, subject, bump, reason }) =>
        `  ${commit.slice(0, 12)} ${bump.padEnd(5)} ${subject} — ${reason}`,
    ),
    ...findings.map(
      ({ level, message, suggestion }) =>
        `  ${level}: ${message}${suggestion === undefined ? '' : ` (${suggestion})`}`,
    ),
  ]
  return lines.join('\n')
}

function headline(decision: Decision): string {
  const { component, last } = decision
  if (decision.status === 'blocked')
    return `${component.name} is blocked: an error below must be mended first.`
  if (decision.status === 'not-due')
    return `${component.name} is not released: no commit calls for it.`
  const { version } = decision.release
  if (decision.resumed)
    return `${component.name} ${version} is tagged on this very commit; its release is to be finished.`
  const from = last === null ? 'as its first release' : `after ${last.version}`
  if (decision.releaseAs === null)
    return `${component.name} is released as ${version} ${from}: a ${decision.bump} change.`
  return `${component.name} is released as ${version} ${from}, because ${decision.releaseAs.commit.slice(0, 12)} orders it.`
}

async function explainCommit(
  revision: string,
  options: ExplainOptions,
): Promise<CommitExplanation> {
  const git = historyGit(options)
  const { commit } = await resolveCommit(git, revision)
  const subject = await git.text(['log', '-1', '--format=%s', commit, '--'])
  const containing = new Set((await listTags(git, [`--contains=${commit}`])).map(({ tag }) => tag))
  const head = await headFor(commit, options.until ?? 'HEAD', git)
  const components: ComponentExplanation[] = []
  for (const component of options.components) {
    const until = releaseThatHolds(component, containing) ?? head
    const others = options.components.filter((one) => one !== component)
    const [range] = await readAllCommits([component, ...others], { ...options, until })
    components.push(explainIn(decide(range!, options), commit))
  }
  return { schemaVersion: 1, commit, subject: subject.trim(), components }
}

// A commit on a branch that is not merged yet is asked about as if it were released itself.
async function headFor(commit: string, until: string, git: HistoryGit): Promise<string> {
  const { commit: head } = await resolveCommit(git, until)
  const beyond = await git.text(['rev-list', '--max-count=1', commit, `^${head}`, '--'])
  return beyond.trim() === '' ? head : commit
}

function releaseThatHolds(component: Component, tags: ReadonlySet<string>): string | undefined {
  const format = tagFormat(component)
  const own = [...tags].flatMap((tag) => {
    const version = versionOf(format, tag)
    return version === null ? [] : [{ tag, version }]
  })
  const [first] = own.toSorted((a, b) => semver.compareBuild(a.version, b.version))
  return first === undefined ? undefined : `refs/tags/${first.tag}`
}

function explainIn(decision: Decision, commit: string): ComponentExplanation {
  const { name } = decision.component
  const findings = decision.findings.filter(({ where }) => where?.commit === commit)
  const own = decision.commits.find((one) => one.commit === commit)
  if (own === undefined) {
    return {
      name,
      verdict: 'none',
      bump: 'none',
      reason: 'it changes nothing of this component',
      findings,
    }
  }
  return { name, verdict: own.verdict, bump: own.bump, reason: own.reason, findings }
}
