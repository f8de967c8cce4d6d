import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Decision } from '@waybill/core'
import { applyVersions, planVersions, type VersionPlan } from '@waybill/version'
import { rejects } from '../helpers/rejects.ts'
import { createRepository, type TestRepository } from '../helpers/repository.ts'
import { due, notDue } from '../helpers/version.ts'

const test = suite('planVersions: changesets')

const npm = (name: string, version: string, more: object = {}): string =>
  `${JSON.stringify({ name, version, ...more }, null, 2)}\n`

const changeset = (bumps: Readonly<Record<string, string>>, summary: string): string =>
  `---\n${Object.entries(bumps)
    .map(([name, bump]) => `"${name}": ${bump}\n`)
    .join('')}---\n\n${summary}\n`

/** Two packages, released as 1.0.0 on the first commit. */
function released(): { repository: TestRepository; first: string } {
  const repository = createRepository()
  const first = repository.commit({
    message: 'chore: release',
    files: {
      'package.json': npm('root', '0.0.0', { private: true, workspaces: ['packages/*'] }),
      'packages/a/package.json': npm('@acme/a', '1.0.0'),
      'packages/b/package.json': npm('@acme/b', '1.0.0'),
      '.changeset/config.json': '{}',
      '.changeset/README.md': '# Changesets\n',
    },
  })
  return { repository, first }
}

const since = (commit: string, decision: Decision): Decision => ({
  ...decision,
  last: { ...decision.last!, commit },
})
const pair = (commit: string, a: 'due' | 'not-due' = 'not-due'): Decision[] => [
  since(
    commit,
    (a === 'due' ? due : notDue)('a', { path: 'packages/a', bump: 'patch', to: '1.0.1' }),
  ),
  since(commit, notDue('b', { path: 'packages/b' })),
]
const moves = ({ releases }: VersionPlan): string[] =>
  releases.map(({ component, from, to }) => `${component} ${from} -> ${to}`)

test('a changeset releases what no commit does, and applying takes it away', async () => {
  const { repository, first } = released()
  const file = changeset({ '@acme/a': 'minor', b: 'patch' }, 'Say more.\n\nMuch more.')
  const added = repository.commit({ message: 'docs: x', files: { '.changeset/calm-cat.md': file } })
  const plan = await planVersions(pair(first), { cwd: repository.path })
  assert.equal(moves(plan), ['a 1.0.0 -> 1.1.0', 'b 1.0.0 -> 1.0.1'])
  assert.equal(plan.releases[0]!.reasons, [
    {
      kind: 'changeset',
      bump: 'minor',
      reason: 'Say more.: the changeset calm-cat asks for minor',
      commit: added,
      changeset: 'calm-cat',
    },
  ])
  await applyVersions(plan, { cwd: repository.path })
  assert.match(repository.git('status', '--short'), /^ ?D \.changeset\/calm-cat\.md$/m)
})

test('of commits and changesets the higher bump wins, and both are reasons', async () => {
  const { repository, first } = released()
  const file = changeset({ '@acme/a': 'minor' }, 'More.')
  repository.commit({ message: 'fix: x', files: { '.changeset/one.md': file } })
  const plan = await planVersions(pair(first, 'due'), { cwd: repository.path })
  assert.equal(moves(plan), ['a 1.0.0 -> 1.1.0'])
  assert.equal(
    plan.releases[0]!.reasons.map(({ kind, bump }) => [kind, bump]),
    [
      ['commit', 'patch'],
      ['changeset', 'minor'],
    ],
  )
})

test('a changeset counts in the range that added it, and never again', async () => {
  const { repository, first } = released()
  const file = changeset({ '@acme/a': 'minor', '@acme/b': 'minor' }, 'More.')
  const second = repository.commit({ message: 'feat: x', files: { '.changeset/one.md': file } })
  const [a, b] = pair(first)
  // a was released with it already, b was not; the file lies there still.
  const plan = await planVersions([since(second, a!), b!], { cwd: repository.path })
  assert.equal(moves(plan), ['b 1.0.0 -> 1.1.0'])
})

test('one that was consumed since counts until the release has its tag', async () => {
  const { repository, first } = released()
  const file = changeset({ '@acme/a': 'minor' }, 'More.')
  repository.commit({ message: 'feat: x', files: { '.changeset/one.md': file } })
  const plan = await planVersions(pair(first), { cwd: repository.path })
  await applyVersions(plan, { cwd: repository.path })
  const versioned = repository.commit({ message: 'chore: version' })
  const again = await planVersions(pair(first), { cwd: repository.path })
  assert.equal(moves(again), ['a 1.0.0 -> 1.1.0'])
  assert.equal(again.files, [])
  const after = await planVersions(pair(versioned), { cwd: repository.path })
  assert.equal(moves(after), [])
})

test('the last of them counts on when its folder went with it', async () => {
  const { repository } = released()
  repository.git('rm', '--quiet', '-r', '.changeset')
  const first = repository.commit({ message: 'chore: none' })
  const file = changeset({ '@acme/a': 'minor' }, 'More.')
  repository.commit({ message: 'feat: x', files: { '.changeset/one.md': file } })
  const plan = await planVersions(pair(first), { cwd: repository.path })
  await applyVersions(plan, { cwd: repository.path })
  repository.commit({ message: 'chore: version' })
  rmSync(join(repository.path, '.changeset'), { recursive: true, force: true })
  const again = await planVersions(pair(first), { cwd: repository.path })
  assert.equal(moves(again), ['a 1.0.0 -> 1.1.0'])
})

test('one that was renamed counts once, where it was added', async () => {
  const { repository, first } = released()
  const file = changeset({ '@acme/a': 'minor' }, 'More.')
  const added = repository.commit({ message: 'feat: x', files: { '.changeset/one.md': file } })
  repository.git('mv', '.changeset/one.md', '.changeset/two.md')
  repository.commit({ message: 'chore: rename' })
  const plan = await planVersions(pair(first), { cwd: repository.path })
  assert.equal(moves(plan), ['a 1.0.0 -> 1.1.0'])
  assert.equal(moves(await planVersions(pair(added), { cwd: repository.path })), [])
})

test('one that a merge itself brought counts', async () => {
  const { repository, first } = released()
  const { git, commit } = repository
  git('checkout', '--quiet', '-b', 'topic')
  const theirs = changeset({ '@acme/b': 'patch' }, 'Less.')
  const topic = commit({ message: 'fix: x', files: { '.changeset/theirs.md': theirs } })
  git('checkout', '--quiet', 'main')
  git('merge', '--quiet', '--no-ff', '--no-commit', 'topic')
  commit({
    message: "Merge branch 'topic'",
    files: { '.changeset/own.md': changeset({ '@acme/a': 'major' }, 'More.') },
  })
  const plan = await planVersions(pair(first), { cwd: repository.path })
  assert.equal(moves(plan), ['a 1.0.0 -> 2.0.0', 'b 1.0.0 -> 1.0.1'])
  const [a, b] = pair(first)
  const after = await planVersions([a!, since(topic, b!)], { cwd: repository.path })
  assert.equal(
    moves(after),
    ['a 1.0.0 -> 2.0.0'],
    'what came before the tag is not new by its merge',
  )
})

test('one that was only taken back does not count', async () => {
  const { repository, first } = released()
  const file = changeset({ '@acme/a': 'minor' }, 'More.')
  repository.commit({ message: 'feat: x', files: { '.changeset/one.md': file } })
  repository.git('rm', '--quiet', '.changeset/one.md')
  repository.commit({ message: 'chore: no' })
  const plan = await planVersions(pair(first), { cwd: repository.path })
  assert.equal(moves(plan), [])
})

test('one that changesets moved for a prerelease counts where it was added', async () => {
  const { repository, first } = released()
  const file = changeset({ '@acme/a': 'minor' }, 'More.')
  const added = repository.commit({ message: 'feat: x', files: { '.changeset/one.md': file } })
  repository.git('rm', '--quiet', '.changeset/one.md')
  repository.commit({ message: 'chore: rc', files: { '.changeset/pre/one.md': file } })
  const before = await planVersions(pair(first), { cwd: repository.path })
  assert.equal(moves(before), ['a 1.0.0 -> 1.1.0'])
  const after = await planVersions(pair(added), { cwd: repository.path })
  assert.equal(moves(after), [])
})

test('one on a branch counts once it is merged', async () => {
  const { repository, first } = released()
  repository.git('checkout', '--quiet', '-b', 'topic')
  const file = changeset({ '@acme/a': 'patch' }, 'More.')
  repository.commit({ message: 'fix: x', files: { '.changeset/one.md': file } })
  repository.git('checkout', '--quiet', 'main')
  const main = repository.commit({ message: 'docs: y', files: { readme: 'y' } })
  assert.equal(moves(await planVersions(pair(main), { cwd: repository.path })), [])
  repository.git('merge', '--quiet', '--no-ff', '-m', 'merge', 'topic')
  assert.equal(moves(await planVersions(pair(main), { cwd: repository.path })), [
    'a 1.0.0 -> 1.0.1',
  ])
  assert.equal(moves(await planVersions(pair(first), { cwd: repository.path })), [
    'a 1.0.0 -> 1.0.1',
  ])
})

test('`none` and an empty changeset release nothing', async () => {
  const { repository, first } = released()
  repository.commit({
    message: 'docs: x',
    files: {
      '.changeset/none.md': changeset({ '@acme/a': 'none' }, 'Nothing.'),
      '.changeset/empty.md': '---\n---\n\nNothing.\n',
    },
  })
  assert.equal(moves(await planVersions(pair(first), { cwd: repository.path })), [])
})

test('before 1.0.0 a changeset’s major is 1.0.0, or a minor where that is wished', async () => {
  const { repository, first } = released()
  const file = changeset({ '@acme/a': 'major' }, 'Other.')
  repository.commit({ message: 'docs: x', files: { '.changeset/one.md': file } })
  const early = [since(first, notDue('a', { path: 'packages/a', from: '0.3.1' }))]
  const cwd = repository.path
  assert.equal(moves(await planVersions(early, { cwd })), ['a 0.3.1 -> 1.0.0'])
  assert.equal(moves(await planVersions(early, { cwd, zeroMajor: 'minor' })), ['a 0.3.1 -> 0.4.0'])
})

test('a name nobody has is an error among the findings', async () => {
  const { repository, first } = released()
  const file = changeset({ '@acme/z': 'minor' }, 'More.')
  repository.commit({ message: 'docs: x', files: { '.changeset/one.md': file } })
  const { findings } = await planVersions(pair(first), { cwd: repository.path })
  assert.equal(
    findings.map(({ code, level }) => [code, level]),
    [['changeset-unknown-package', 'error']],
  )
})

test('one that is in no commit does not count, and that is said', async () => {
  const { repository, first } = released()
  const file = changeset({ '@acme/a': 'minor' }, 'More.')
  writeFileSync(join(repository.path, '.changeset/new.md'), file)
  const plan = await planVersions(pair(first), { cwd: repository.path })
  assert.equal(moves(plan), [])
  assert.equal(
    plan.findings.map(({ code, where }) => [code, where?.path]),
    [['changeset-uncommitted', '.changeset/new.md']],
  )
})

test('a file that is no changeset is refused by name', async () => {
  const { repository, first } = released()
  repository.commit({
    message: 'docs: x',
    files: { '.changeset/one.md': changeset({ '@acme/a': 'huge' }, 'More.') },
  })
  const error = await rejects(
    planVersions(pair(first), { cwd: repository.path }),
    'ERR_INVALID_CHANGESET',
  )
  assert.match(error.message, '.changeset/one.md')
})

test.run()
