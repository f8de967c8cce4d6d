import type { Component, Decision } from '@waybill/core'
import { decide, readCommits } from '@waybill/gate'
import { createRepository, type TestRepository } from './repository.ts'

const scim: Component = { name: 'scim', path: '.', tag: 'v{version}' }

/** A repository of one component with a release 1.2.3 and these messages after it. */
export function repositoryOf(...messages: readonly string[]): TestRepository {
  const repository = createRepository()
  repository.commit({ message: 'feat: start', files: { a: '0' } })
  repository.git('tag', 'v1.2.3')
  for (const [index, message] of messages.entries()) {
    repository.commit({ message, files: { a: String(index + 1) } })
  }
  return repository
}

/** Decides on it, by default policy. */
export async function decideOn(repository: TestRepository, component = scim): Promise<Decision> {
  return decide(await readCommits(component, { cwd: repository.path }))
}

/** The version that is due, if one is. */
export const versionOf = (decision: Decision): string | undefined =>
  decision.status === 'due' ? decision.release.version : undefined
