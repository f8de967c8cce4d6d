// The whole way with the real gate: decide, plan, apply, commit, decide again, tag, decide again.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Component } from '@waybill/core'
import { decide, readAllCommits } from '@waybill/gate'
import {
  applyVersions,
  checkVersions,
  planVersions,
  releasesOf,
  type PlanVersionsOptions,
  type VersionPlan,
} from '@waybill/version'
import { createRepository, type TestRepository } from '../helpers/repository.ts'

const test = suite('planVersions: with the gate')

const npm = (name: string, version: string, more: object = {}): string =>
  `${JSON.stringify({ name, version, ...more }, null, 2)}\n`

const component = (name: string): Component => ({
  name,
  path: `packages/${name}`,
  tag: '{name}-v{version}',
})
const COMPONENTS = ['a', 'b', 'c'].map(component)

async function plan(
  repository: TestRepository,
  options: PlanVersionsOptions = {},
): Promise<VersionPlan> {
  const context = { cwd: repository.path }
  const ranges = await readAllCommits(COMPONENTS, context)
  return planVersions(
    ranges.map((range) => decide(range)),
    { ...context, changelog: 'always', ...options },
  )
}

/** a; b needs a; c needs b, and all have been released. */
function released(): TestRepository {
  const repository = createRepository()
  repository.commit({
    message: 'feat: start',
    files: {
      'package.json': npm('root', '0.0.0', { private: true, workspaces: ['packages/*'] }),
      'packages/a/package.json': npm('a', '1.2.0'),
      'packages/b/package.json': npm('b', '3.0.0', { dependencies: { a: '^1.0.0' } }),
      'packages/c/package.json': npm('c', '0.1.0', { dependencies: { b: '3.0.0' } }),
      '.changeset/config.json': '{}',
    },
  })
  for (const tag of ['a-v1.2.0', 'b-v3.0.0', 'c-v0.1.0']) repository.git('tag', tag)
  return repository
}

const summary = ({ releases }: VersionPlan): string[] =>
  releases.map(
    ({ component, from, to, bump, tag }) => `${component} ${from} -> ${to} ${bump} ${tag}`,
  )

for (const [what, options] of [
  ['as it is', {}],
  ['with every dependent', { updateInternalDependents: 'always' }],
  ['as a prerelease', { prerelease: 'rc' }],
  ['in a fixed group', { groups: { fixed: [['a', 'c']] } }],
  ['in a linked group', { groups: { linked: [['a', 'b', 'c']] } }],
] as const) {
  test(`what is applied and committed is planned the same until it has its tags: ${what}`, async () => {
    const repository = released()
    repository.commit({
      message: 'feat!: other',
      files: {
        'packages/a/x': '',
        '.changeset/one.md': '---\n"b": minor\n---\n\nMore.\n',
      },
    })
    const first = await plan(repository, options)
    assert.ok(first.releases.length >= 3, summary(first).join())
    assert.is(repository.git('status', '--short', '--ignored'), '', 'planning writes nothing')
    await applyVersions(first, { cwd: repository.path })
    const commit = repository.commit({ message: 'chore: release' })
    const second = await plan(repository, options)
    assert.equal(summary(second), summary(first))
    assert.equal(second.files, [])
    assert.equal(second.findings, [])
    for (const release of releasesOf(second, { commit, created: 0 })) {
      assert.equal((await checkVersions(release, { cwd: repository.path })).findings, [])
      repository.git('tag', release.tag)
    }
    const third = await plan(repository, options)
    assert.equal(third.files, [])
    repository.commit({ message: 'docs: later', files: { readme: '' } })
    assert.equal(summary(await plan(repository, options)), [])
  })
}

test('a fix alone is a patch of one component, and its changelog says so', async () => {
  const repository = released()
  repository.commit({ message: 'fix: small (#3)', files: { 'packages/a/x': '' } })
  const found = await plan(repository)
  assert.equal(summary(found), ['a 1.2.0 -> 1.2.1 patch a-v1.2.1'])
  assert.equal(
    found.files.map(({ path }) => path),
    ['packages/a/CHANGELOG.md', 'packages/a/package.json'],
  )
})

test('a commit that only orders a version is a reason, but no change', async () => {
  const repository = released()
  repository.commit({ message: 'fix: small', files: { 'packages/a/x': '' } })
  repository.commit({ message: 'chore: release\n\nRelease-As(a): 1.9.0' })
  const [release] = (await plan(repository)).releases
  assert.is(release!.to, '1.9.0')
  assert.equal(
    release!.reasons.map(({ kind }) => kind),
    ['release-as', 'commit'],
  )
  assert.equal(
    release!.changes.map(({ text }) => text),
    ['small'],
  )
})

test('a component that is blocked blocks the plan', async () => {
  const repository = released()
  repository.commit({ message: 'fix: x\n\nRelease-As: 1.0.0', files: { 'packages/a/x': '' } })
  const { findings } = await plan(repository)
  assert.ok(findings.some(({ level }) => level === 'error'))
})

test.run()
