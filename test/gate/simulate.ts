import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { simulate, type PolicyName, type Simulation } from '@waybill/gate'
import { testWith } from '../helpers/needs.ts'
import { createRepository } from '../helpers/repository.ts'
import { temporaryFolder } from '../helpers/temporary.ts'

const test = suite('simulate')
const HISTORIES = resolve(import.meta.dirname, '../../../../shared/histories')

/** The recorded histories, and the floor each must reach. */
const histories: readonly [string, PolicyName, Partial<Simulation['totals']>][] = [
  ['release-please', 'release-please', { releases: 362, versionsEqual: 362, exact: 358 }],
  ['fakesnow', 'release-please', { releases: 82, exact: 81 }],
  ['scim-server', 'release-please', { releases: 7, versionsEqual: 7 }],
  [
    'semantic-release-github',
    'semantic-release',
    { releases: 167, versionsEqual: 167, exact: 167 },
  ],
]

for (const [name, policy, floor] of histories) {
  testWith(test, ['histories'], `replays the history of ${name} by ${policy}`, async () => {
    const bundle = join(HISTORIES, `${name}.bundle`)
    assert.ok(existsSync(bundle))
    const cwd = temporaryFolder()
    execFileSync('git', ['clone', '-q', '--bare', bundle, cwd], { stdio: 'ignore' })
    const { releases, totals } = await simulate({ cwd, policy })
    assert.is(totals.releases, floor.releases)
    assert.is(totals.dropped, 0)
    assert.ok(totals.exact >= (floor.exact ?? 0), `exact ${totals.exact}`)
    assert.ok(totals.versionsEqual >= (floor.versionsEqual ?? 0), `equal ${totals.versionsEqual}`)
    for (const { tag, decided, predicted, version, cause } of releases) {
      assert.is(cause === null, decided && predicted === version, tag)
      assert.ok(cause === null || cause.includes(' '), tag)
    }
  })
}

test('finds components and their tag formats, and judges each range since the release before', async () => {
  const repository = createRepository()
  const { commit, git } = repository
  const config = {
    packages: {
      'packages/a': {},
      'packages/b': { component: 'bee', 'bump-minor-pre-major': true },
    },
  }
  commit({
    message: 'chore: start',
    files: {
      'release-please-config.json': JSON.stringify(config),
      'packages/a/x': '0',
      'packages/b/x': '0',
    },
  })
  git('tag', 'a-v1.0.0')
  git('tag', 'bee/v0.1.0')
  commit({ message: 'feat: a', files: { 'packages/a/x': '1' } })
  git('tag', 'a-v1.1.0')
  commit({ message: 'fix!: b', files: { 'packages/b/x': '1' } })
  git('tag', 'bee/v0.2.0')
  commit({ message: 'docs: a', files: { 'packages/a/x': '2' } })
  git('tag', 'a-v1.1.1')
  commit({ message: 'chore: never released', files: { 'packages/a/x': '3' } })
  const { releases, totals } = await simulate({ cwd: repository.path, policy: 'release-please' })
  assert.equal(
    releases.map(({ tag, decided, predicted }) => [tag, decided, predicted]),
    [
      ['a-v1.1.0', true, '1.1.0'],
      ['bee/v0.2.0', true, '0.2.0'],
      ['a-v1.1.1', false, '1.1.1'],
    ],
  )
  assert.match(releases[2]!.cause ?? '', 'docs: a')
  assert.is(totals.exact, 2)
  assert.is(totals.versionsEqual, 3)
})

const config = (hidden: boolean): string =>
  JSON.stringify({
    packages: { '.': {} },
    'changelog-sections': [{ type: 'build', section: 'B', hidden }],
  })

test('reads the configuration as it was committed at the end of each range', async () => {
  const repository = createRepository()
  repository.commit({
    message: 'feat: a',
    files: { a: '1', 'release-please-config.json': config(true) },
  })
  repository.git('tag', 'v1.0.0')
  repository.commit({ message: 'build: a', files: { a: '2' } })
  repository.git('tag', 'v1.0.1')
  repository.commit({
    message: 'build: a',
    files: { a: '3', 'release-please-config.json': config(false) },
  })
  repository.git('tag', 'v1.0.2')
  const { releases } = await simulate({ cwd: repository.path, policy: 'release-please' })
  assert.equal(
    releases.map(({ decided }) => decided),
    [false, true],
  )
})

test('counts a configuration that cannot be read as absent, with a finding', async () => {
  const repository = createRepository()
  repository.commit({
    message: 'feat: a',
    files: { a: '1', 'release-please-config.json': '{ "packages": ' },
  })
  repository.git('tag', 'v1.0.0')
  repository.commit({ message: 'fix: a', files: { a: '2' } })
  repository.git('tag', 'v1.0.1')
  const { findings, totals } = await simulate({ cwd: repository.path, policy: 'release-please' })
  assert.equal(
    findings.map(({ code }) => code),
    ['configuration-unreadable'],
  )
  assert.is(totals.exact, 1)
})

test.run()
