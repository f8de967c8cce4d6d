// What reverts take back, in the forms of git, of GitHub and of people.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { decideOn, repositoryOf, versionOf } from '../helpers/decided.ts'

const test = suite('reverts')

test('reverts cancel inside the range, and reverts of reverts', async () => {
  const repository = repositoryOf('feat: a')
  repository.git('revert', '--no-edit', 'HEAD')
  const cancelled = await decideOn(repository)
  assert.is(cancelled.status, 'not-due')
  assert.equal(
    cancelled.commits.map(({ verdict }) => verdict),
    ['reverted', 'reverted'],
  )
  repository.git('revert', '--no-edit', 'HEAD')
  assert.is(versionOf(await decideOn(repository)), '1.3.0')
})

test("reverts in GitHub's form cancel by number; of a released change they are a patch", async () => {
  const inside = repositoryOf('feat: a (#12)', 'Revert "feat: a" (#13)\n\nReverts acme/scim#12')
  assert.is((await decideOn(inside)).status, 'not-due')
  const outside = repositoryOf('Revert "feat: start (#2)" (#13)\n\nReverts acme/scim#2')
  assert.is(versionOf(await decideOn(outside)), '1.2.4')
})

test('a revert of a merge takes back what the merge brought, a revert of that brings it again', async () => {
  const repository = repositoryOf()
  const { commit, git } = repository
  git('checkout', '--quiet', '-b', 'topic')
  commit({ message: 'feat: big', files: { b: '1' } })
  commit({ message: 'feat!: bigger', files: { b: '2' } })
  git('checkout', '--quiet', 'main')
  git('merge', '--quiet', '--no-ff', '-m', "Merge branch 'topic'", 'topic')
  git('revert', '-m', '1', '--no-edit', 'HEAD')
  const taken = await decideOn(repository)
  assert.is(taken.status, 'not-due')
  assert.equal(
    taken.commits.map(({ verdict }) => verdict),
    ['reverted', 'reverted', 'reverted', 'reverted'],
  )
  git('revert', '--no-edit', 'HEAD')
  assert.is(versionOf(await decideOn(repository)), '2.0.0')
})

test('a commit that says what else it does counts for that, whatever it reverts', async () => {
  const repository = repositoryOf('fix: quick workaround')
  const workaround = repository.git('rev-parse', 'HEAD')
  const message = `feat!: proper solution\n\n* Revert "fix: quick workaround"\n\nThis reverts commit ${workaround}.`
  repository.commit({ message, files: { a: 'x' } })
  const decision = await decideOn(repository)
  assert.is(versionOf(decision), '2.0.0')
  assert.equal(
    decision.commits.map(({ verdict }) => verdict),
    ['release', 'reverted'],
  )
})

for (const between of [' and ', ', ', ', and commit ']) {
  test(`a revert of several commits takes back each: "${between}"`, async () => {
    const repository = repositoryOf('feat: one', 'feat: two')
    const both = repository.git('rev-list', '-2', 'HEAD').split('\n').join(between)
    repository.commit({
      message: `revert: both\n\nThis reverts commits ${both}.`,
      files: { a: 'x' },
    })
    assert.is((await decideOn(repository)).status, 'not-due')
  })
}

test.run()
