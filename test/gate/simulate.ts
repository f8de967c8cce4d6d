import { execFileSync } from 'node:child_process'
import { existsSync, rmSync } from 'node:fs'
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

const manifest = (name: string, version: string, more: object = {}): string =>
  JSON.stringify({ name, version, ...more })

const folders = (a: string, b: string, c: string): Record<string, string> => ({
  'packages/a/package.json': manifest('@x/a', a),
  'packages/b/package.json': manifest('@x/b', b, { dependencies: { '@x/a': '~1.0.0' } }),
  'packages/c/package.json': manifest('@x/c', c),
})

test('replays changesets: its files, what depends on a released package, and its groups', async () => {
  const { commit, git, path } = createRepository()
  commit({
    message: 'start',
    files: { ...folders('1.0.0', '2.0.0', '3.0.0'), '.changeset/config.json': '{}' },
  })
  for (const tag of ['@x/a@1.0.0', '@x/b@2.0.0', '@x/c@3.0.0']) git('tag', tag)
  commit({
    message: 'whatever',
    files: { '.changeset/one.md': '---\n"@x/a": minor\n---\n\nWords\n' },
  })
  commit({
    message: 'better',
    files: { '.changeset/one.md': "---\n'@x/a': minor\n---\n\nBetter words\n" },
  })
  git('rm', '-q', '.changeset/one.md')
  commit({ message: 'Version Packages', files: folders('1.1.0', '2.0.1', '3.0.0') })
  for (const tag of ['@x/a@1.1.0', '@x/b@2.0.1', '@x/c@3.0.1']) git('tag', tag)
  const { releases } = await simulate({ cwd: path, policy: 'changesets' })
  assert.equal(
    releases.map(({ tag, decided, predicted }) => [tag, decided, predicted]).toSorted(),
    [
      ['@x/a@1.1.0', true, '1.1.0'],
      ['@x/b@2.0.1', true, '2.0.1'],
      ['@x/c@3.0.1', false, '3.0.1'],
    ],
  )
})

const crate = (name: string): string => `[package]\nname = "${name}"\nversion.workspace = true\n`

const workspace = (version: string): Record<string, string> => ({
  'Cargo.toml': `[workspace.package]\nversion = "${version}"\n`,
})

test('a linked group starts from its highest version, also where that member is not released', async () => {
  const { commit, git, path } = createRepository()
  const settings = JSON.stringify({ linked: [['@x/a', '@x/c']] })
  const one = '.changeset/one.md'
  commit({
    message: 'start',
    files: { ...folders('1.0.0', '2.0.0', '1.3.0'), '.changeset/config.json': settings },
  })
  for (const tag of ['@x/a@1.0.0', '@x/b@2.0.0', '@x/c@1.3.0']) git('tag', tag)
  commit({ message: 'more', files: { [one]: '---\n"@x/a": minor\n---\n\nWords\n' } })
  rmSync(join(path, one))
  commit({ message: 'Version Packages', files: folders('1.4.0', '2.0.0', '1.3.0') })
  git('tag', '@x/a@1.4.0')
  const { releases } = await simulate({ cwd: path, policy: 'changesets' })
  assert.equal(
    releases.map(({ tag, decided, predicted }) => [tag, decided, predicted]),
    [['@x/a@1.4.0', true, '1.4.0']],
  )
})

test("replays release-plz: crates that inherit the workspace's version go together", async () => {
  const { commit, git, path } = createRepository()
  commit({
    message: 'start',
    files: { ...workspace('0.1.0'), 'a/Cargo.toml': crate('a'), 'b/Cargo.toml': crate('b') },
  })
  for (const tag of ['a-v0.1.0', 'b-v0.1.0']) git('tag', tag)
  commit({ message: 'feat!: a', files: { 'a/x': '1' } })
  commit({ message: 'chore: release', files: workspace('0.2.0') })
  for (const tag of ['a-v0.2.0', 'b-v0.2.0']) git('tag', tag)
  const { totals } = await simulate({ cwd: path, policy: 'release-plz' })
  assert.is(totals.exact, 2)
})

test('replays semantic-release with the preset and rules it was configured with', async () => {
  const { commit, git, path } = createRepository()
  const rules = {
    preset: 'conventionalcommits',
    releaseRules: [
      { type: 'docs', release: 'patch' },
      { type: 'fix', scope: 'no-*', release: false },
    ],
  }
  commit({ message: 'start', files: { '.releaserc': JSON.stringify(rules) } })
  git('tag', 'v1.0.0')
  commit({ message: 'docs: a', files: { a: '1' } })
  git('tag', 'v1.0.1')
  commit({ message: 'feat!: b', files: { a: '2' } })
  git('tag', 'v2.0.0')
  commit({ message: 'fix(no-release): c', files: { a: '3' } })
  git('tag', 'v2.0.1')
  git('rm', '-q', '.releaserc')
  commit({
    message: 'fix(no-release): d',
    files: {
      'release.config.js':
        "module.exports = { plugins: [['@semantic-release/commit-analyzer', { preset: 'angular' }]] }",
    },
  })
  git('tag', 'v2.0.2')
  const { releases } = await simulate({ cwd: path, policy: 'semantic-release' })
  assert.equal(
    releases.map(({ decided }) => decided),
    [true, true, false, true],
  )
})

test('replays the plugins of release-please: linked versions, and what depends on a released package', async () => {
  const { commit, git, path } = createRepository()
  const config = {
    packages: { a: {}, b: {}, c: {}, d: { 'exclude-paths': ['d/docs'] } },
    plugins: [
      { type: 'linked-versions', groupName: 'ab', components: ['a', 'b'] },
      'node-workspace',
    ],
  }
  const files = {
    'release-please-config.json': JSON.stringify(config),
    'a/package.json': manifest('@x/a', '1.0.0'),
    'b/package.json': manifest('@x/b', '1.4.0'),
    'c/package.json': manifest('@x/c', '3.0.0', { dependencies: { '@x/a': '^1.0.0' } }),
    'd/package.json': manifest('@x/d', '4.0.0'),
  }
  commit({ message: 'feat: start', files })
  for (const tag of ['a-v1.0.0', 'b-v1.4.0', 'c-v3.0.0', 'd-v4.0.0']) git('tag', tag)
  commit({ message: 'feat: a', files: { 'a/x': '1', 'd/docs/x': '1' } })
  commit({ message: 'fix: b', files: { 'b/x': '1' } })
  for (const tag of ['a-v1.4.1', 'b-v1.4.1', 'c-v3.0.1', 'd-v4.0.1']) git('tag', tag)
  const { releases } = await simulate({ cwd: path, policy: 'release-please' })
  assert.equal(
    releases.map(({ tag, decided, predicted }) => [tag, decided, predicted]).toSorted(),
    [
      ['a-v1.4.1', true, '1.4.1'],
      ['b-v1.4.1', true, '1.4.1'],
      ['c-v3.0.1', true, '3.0.1'],
      ['d-v4.0.1', false, '4.0.1'],
    ],
  )
})

test.run()
