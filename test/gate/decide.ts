import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Component, Decision } from '@waybill/core'
import { decide, readAllCommits } from '@waybill/gate'
import { decideOn, repositoryOf, versionOf } from '../helpers/decided.ts'
import { createRepository } from '../helpers/repository.ts'

const test = suite('decide')

for (const [message, expected] of [
  ['feat: a', '1.3.0'],
  ['Feat: a', '1.3.0'],
  ['fix: a', '1.2.4'],
  ['perf: a', '1.2.4'],
  ['revert: a', '1.2.4'],
  ['deps: a', '1.2.4'],
  ['chore!: a', '2.0.0'],
  ['wip: a\n\nBREAKING CHANGE: b', '2.0.0'],
  ['chore: a', undefined],
  ['Update a', undefined],
  ['chore: a\n\nRelease-As: 3.0.0', '3.0.0'],
] as const) {
  test(`${JSON.stringify(message)} after 1.2.3 gives ${expected ?? 'no release'}`, async () => {
    const decision = await decideOn(repositoryOf(message))
    assert.is(versionOf(decision), expected)
    assert.is(decision.commits.length, 1)
    assert.ok(decision.commits[0]!.reason.length > 0)
  })
}

for (const [name, version] of [
  ['lower', '1.0.0'],
  ['equal', '1.2.3'],
  ['malformed', '2.0'],
] as const) {
  test(`a Release-As that is ${name} blocks, naming commit and text`, async () => {
    const repository = repositoryOf(`chore: a\n\nRelease-As: ${version}`)
    const decision = await decideOn(repository)
    assert.is(decision.status, 'blocked')
    const finding = decision.findings.find(({ level }) => level === 'error')!
    assert.is(finding.where?.commit, repository.git('rev-parse', 'HEAD'))
    assert.match(finding.message, `Release-As: ${version}`)
  })
}

test('the newest Release-As wins, and a good one replaces an older bad one', async () => {
  const good = await decideOn(
    repositoryOf('fix: a\n\nRelease-As: 3.0.0', 'fix: b\n\nRelease-As: 2.0.0'),
  )
  assert.is(versionOf(good), '2.0.0')
  const mended = await decideOn(
    repositoryOf('fix: a\n\nRelease-As: x', 'fix: b\n\nRelease-As: 2.0.0'),
  )
  assert.is(versionOf(mended), '2.0.0')
})

test('different Release-As in one commit contradict; on unordered commits as well', async () => {
  const one = await decideOn(repositoryOf('fix: a\n\nRelease-As: 3.0.0\nRelease-As: 2.0.0'))
  assert.is(one.findings.at(-1)?.code, 'release-as-contradiction')
  const repository = repositoryOf('fix: a')
  repository.git('checkout', '-q', '-b', 'side')
  repository.commit({ message: 'fix: b\n\nRelease-As: 2.0.0', files: { b: '1' } })
  repository.git('checkout', '-q', 'main')
  repository.commit({ message: 'fix: c\n\nRelease-As: 3.0.0', files: { c: '1' } })
  repository.git('merge', '-q', '--no-ff', '-m', 'Merge branch side', 'side')
  const two = await decideOn(repository)
  assert.is(two.status, 'blocked')
  assert.is(two.findings.at(-1)?.code, 'release-as-unordered')
  repository.git('commit', '-q', '--amend', '-m', 'Merge branch side\n\nRelease-As: 4.0.0')
  assert.is(versionOf(await decideOn(repository)), '4.0.0')
})

test('the tag on the head itself is that release again, not the last one', async () => {
  const repository = repositoryOf('chore: a\n\nRelease-As: 1.4.0')
  const first = await decideOn(repository)
  repository.git('tag', 'v1.4.0')
  const again = await decideOn(repository)
  assert.ok(first.status === 'due' && again.status === 'due')
  assert.equal({ ...again, resumed: false }, first)
  assert.is(again.resumed, true)
})

test('before 1.0.0 a breaking change bumps minor', async () => {
  const repository = repositoryOf('feat!: a')
  repository.git('tag', '-d', 'v1.2.3')
  assert.is(versionOf(await decideOn(repository)), '0.1.0')
  repository.git('tag', 'v0.4.1', 'HEAD~1')
  assert.is(versionOf(await decideOn(repository)), '0.5.0')
})

const monorepo: readonly Component[] = [
  { name: 'core', path: 'packages/core', tag: '{name}-v{version}' },
  { name: 'nested', path: 'packages/core/nested', tag: '{path}/v{version}' },
  { name: 'cli', path: 'packages/cli', tag: '{name}@{version}', exclude: ['test'] },
]

test('an order that was carried out on a branch says nothing to the line it is merged into', async () => {
  const repository = repositoryOf()
  const { git, commit } = repository
  git('branch', 'maintenance')
  commit({ message: 'feat!: b', files: { a: '1' } })
  git('tag', 'v2.0.0')
  git('checkout', '--quiet', 'maintenance')
  commit({ message: 'fix: backport\n\nRelease-As: 1.2.9', files: { b: '1' } })
  commit({ message: 'chore: release', files: { b: '2' } })
  git('tag', 'v1.2.9')
  git('checkout', '--quiet', 'main')
  commit({ message: 'fix: c', files: { a: '2' } })
  git('merge', '--quiet', '--no-ff', '-m', 'Merge branch maintenance', 'maintenance')
  assert.is(versionOf(await decideOn(repository)), '2.0.1')
  commit({ message: 'fix: d\n\nRelease-As: 1.2.9', files: { a: '3' } })
  const again = await decideOn(repository)
  assert.equal([again.status, again.findings[0]?.code], ['blocked', 'release-as-tagged'])
})

test('releases that the head does not reach are said where there is none before', async () => {
  const repository = repositoryOf('feat: a')
  const { git, commit } = repository
  assert.equal((await decideOn(repository)).findings, [])
  git('checkout', '--quiet', '--orphan', 'anew')
  commit({ message: 'feat: start anew', files: { a: 'x' } })
  const { findings, status } = await decideOn(repository)
  assert.is(status, 'due')
  assert.equal(
    findings.map(({ code, level }) => [code, level]),
    [['tags-unreachable', 'warning']],
  )
  assert.match(findings[0]!.message, '(v1.2.3)')
  git('tag', '-d', 'v1.2.3')
  assert.equal((await decideOn(repository)).findings, [])
})

test('a tag of a tag leads to the commit', async () => {
  const repository = repositoryOf('feat: released')
  repository.git('tag', '-a', '-m', 't', 'inner')
  repository.git('tag', '-a', '-m', 't', 'v1.3.0', 'inner')
  const released = repository.git('rev-parse', 'HEAD')
  repository.commit({ message: 'fix: a', files: { a: 'x' } })
  const decision = await decideOn(repository)
  assert.is(versionOf(decision), '1.3.1')
  assert.is(decision.last?.commit, released)
})

test('each component sees the commits of its own folder, since its own tag', async () => {
  const repository = createRepository()
  repository.commit({
    message: 'feat: all',
    files: { 'packages/core/a': '1', 'packages/core/nested/a': '1', 'packages/cli/a': '1' },
  })
  repository.git('tag', 'core-v1.0.0')
  repository.commit({ message: 'fix: nested', files: { 'packages/core/nested/a': '2' } })
  repository.git('tag', 'packages/core/nested/v2.0.0')
  repository.commit({
    message: 'feat: test of cli',
    files: { 'packages/cli/test/a': '2', root: '1' },
  })
  repository.commit({ message: 'fix: core', files: { 'packages/core/a': '2' } })
  const ranges = await readAllCommits(monorepo, { cwd: repository.path })
  const decisions = ranges.map((range) => decide(range))
  assert.equal(decisions.map(versionOf), ['1.0.1', undefined, '0.1.0'])
  assert.equal(
    decisions.map(({ commits }) => commits.length),
    [1, 0, 1],
  )
})

test('an empty commit orders nothing in a monorepo unless it names a component or *', async () => {
  const repository = createRepository()
  repository.commit({
    message: 'chore: start',
    files: { 'packages/core/a': '1', 'packages/cli/a': '1' },
  })
  repository.git('tag', 'core-v1.0.0')
  const decideAll = async (): Promise<Decision[]> =>
    (await readAllCommits(monorepo, { cwd: repository.path })).map((range) => decide(range))
  repository.commit({ message: 'chore: release\n\nRelease-As: 3.0.0' })
  assert.equal(
    (await decideAll()).map(({ status }) => status),
    ['blocked', 'blocked', 'blocked'],
  )
  repository.git(
    'commit',
    '-q',
    '--amend',
    '--allow-empty',
    '-m',
    'chore: release\n\nRelease-As(core): 3.0.0',
  )
  assert.equal((await decideAll()).map(versionOf), ['3.0.0', undefined, undefined])
  repository.git(
    'commit',
    '-q',
    '--amend',
    '--allow-empty',
    '-m',
    'chore: release\n\nRelease-As(*): 3.0.0',
  )
  assert.equal((await decideAll()).map(versionOf), ['3.0.0', '3.0.0', '3.0.0'])
})

test('a merge and its branch are not counted twice', async () => {
  const repository = repositoryOf('chore: a')
  repository.git('checkout', '-q', '-b', 'side')
  repository.commit({ message: 'fix: b', files: { b: '1' } })
  repository.git('checkout', '-q', 'main')
  repository.git(
    'merge',
    '-q',
    '--no-ff',
    '-m',
    'Merge pull request #1 from a/side\n\nfix: b',
    'side',
  )
  const decision = await decideOn(repository)
  assert.equal(
    decision.commits.map(({ verdict }) => verdict),
    ['none', 'release', 'none'],
  )
  assert.is(versionOf(decision), '1.2.4')
})

test('a version that makes no tag blocks a release', async () => {
  const component: Component = { name: 'a', path: '.', tag: 'v{version}' }
  const { path } = repositoryOf('feat: a\n\nRelease-As: 2.0.0-rc.lock')
  const [range] = await readAllCommits([component], { cwd: path })
  const { status, findings } = decide(range!)
  assert.is(status, 'blocked')
  assert.ok(findings.some(({ code }) => code === 'invalid-tag'))
})

test('a tag that git does not take blocks a release', async () => {
  for (const tag of [
    'v {version}',
    'v..{version}',
    '-v{version}',
    'v{version}.lock',
    'v{version}\n',
    'v@{{version}',
    '.v{version}',
    'v{version}~1',
  ]) {
    const component: Component = { name: 'a', path: '.', tag }
    const { path } = repositoryOf('feat: a')
    const [range] = await readAllCommits([component], { cwd: path })
    const { status, findings } = decide(range!)
    assert.is(status, 'blocked', tag)
    assert.ok(findings.some(({ code }) => code === 'invalid-tag'))
  }
})

test.run()
