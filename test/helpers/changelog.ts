import type { CommitVerdict, Decision } from '@waybill/core'
import { planVersions, type PlannedRelease, type PlanVersionsOptions } from '@waybill/version'
import { createRepository, type TestRepository } from './repository.ts'
import { due } from './version.ts'

export interface Made {
  readonly repository: TestRepository
  readonly decision: Decision
  readonly commits: readonly string[]
}

/** A repository with these commits and the decision that counts all of them. */
export function made(
  messages: readonly string[],
  files: Readonly<Record<string, string>> = {},
): Made {
  const repository = createRepository()
  repository.commit({ message: 'chore: start', files: { version: '1.1.0\n', ...files } })
  const commits = messages.map((message) => repository.commit({ message }))
  const verdicts = commits.map((commit, index): CommitVerdict => ({
    commit,
    subject: messages[index]!.split('\n')[0]!,
    verdict: 'release',
    bump: 'minor',
    reason: 'so it is',
  }))
  const decision = { ...due('app', { from: '1.1.0', to: '1.2.0' }), commits: verdicts }
  return { repository, decision, commits }
}

/** The release that is planned for it. */
export async function releaseOf(
  one: Made,
  options: PlanVersionsOptions = {},
): Promise<PlannedRelease> {
  const plan = await planVersions([one.decision], { cwd: one.repository.path, ...options })
  return plan.releases[0]!
}
