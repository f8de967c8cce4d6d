import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { decide, readAllCommits, type PolicyName } from '@waybill/gate'
import { createRepository } from '../helpers/repository.ts'

const test = suite('changesets')
const components = [
  { name: 'core', path: 'core', tag: '{name}-v{version}' },
  { name: '@acme/cli', path: 'cli', tag: '{name}@{version}' },
]

test('decides from the changeset files that were added since the last release, each once', async () => {
  const { commit, git, path } = createRepository()
  const answers = async (policy: PolicyName): Promise<string[]> => {
    const ranges = await readAllCommits(components, { cwd: path })
    return ranges.map((range) => {
      const decision = decide(range, { policy })
      return decision.status === 'due' ? decision.release.version : decision.status
    })
  }
  commit({
    message: 'feat: start',
    files: { 'core/x': '1', 'cli/x': '1', '.changeset/README.md': '---\n"core": major\n---\n' },
  })
  git('tag', 'core-v1.0.0')
  git('tag', '@acme/cli@1.0.0')
  commit({ message: 'feat: core', files: { 'core/x': '2' } })
  assert.equal(await answers('changesets'), ['not-due', 'not-due'])
  commit({
    message: 'docs: say it',
    files: { '.changeset/a.md': '---\n"@acme/core": minor\n"@acme/cli": patch\n---\n\nWords' },
  })
  assert.equal(await answers('changesets'), ['1.1.0', '1.0.1'])
  commit({
    message: 'docs: say it better',
    files: { '.changeset/a.md': '---\n"@acme/core": major\n"@acme/cli": patch\n---\n\nWords' },
  })
  assert.equal(await answers('changesets'), ['2.0.0', '1.0.1'])
  git('rm', '-q', '.changeset/a.md')
  commit({ message: 'Version Packages', files: { 'core/package.json': '{}' } })
  assert.equal(await answers('changesets'), ['2.0.0', '1.0.1'])
  assert.equal(await answers('conventional'), ['1.1.0', 'not-due'])
  git('tag', 'core-v2.0.0')
  commit({ message: 'chore: x', files: { 'core/x': '3' } })
  assert.equal(await answers('changesets'), ['not-due', '1.0.1'])
})

test.run()
