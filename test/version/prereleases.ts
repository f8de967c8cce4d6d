import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Decision } from '@waybill/core'
import {
  applyVersions,
  nextPrerelease,
  planVersions,
  renderNotes,
  type PlanVersionsOptions,
  type VersionPlan,
} from '@waybill/version'
import { rejects } from '../helpers/rejects.ts'
import { createRepository } from '../helpers/repository.ts'
import { due, notDue, textOf } from '../helpers/version.ts'

const test = suite('planVersions: prereleases')

const npm = (name: string, version: string, more: object = {}): string =>
  `${JSON.stringify({ name, version, ...more }, null, 2)}\n`

function repository(tags: readonly string[]): string {
  const { path, git, commit } = createRepository()
  commit({
    message: 'feat: x',
    files: {
      'package.json': npm('root', '0.0.0', { private: true, workspaces: ['a', 'b'] }),
      'a/package.json': npm('a', '1.0.0'),
      'b/package.json': npm('b', '1.0.0', { dependencies: { a: '^1.0.0' } }),
    },
  })
  for (const tag of tags) git('tag', tag)
  return path
}

async function plan(
  tags: readonly string[],
  decisions: readonly Decision[],
  options: PlanVersionsOptions,
): Promise<VersionPlan> {
  return planVersions(decisions, { cwd: repository(tags), ...options })
}

const moves = ({ releases }: VersionPlan): string[] =>
  releases.map(({ component, from, to, bump }) => `${component} ${from} -> ${to} ${bump}`)

test('a line counts from 1, onwards from its highest tag, and anew for another target', () => {
  assert.is(nextPrerelease('1.3.0', 'rc', []), '1.3.0-rc.1')
  const tags = [
    '1.3.0-rc.9',
    '1.3.0-rc.10',
    '1.3.0-beta.40',
    '1.2.0-rc.77',
    '1.3.0-rc.x',
    '1.3.0-rcx.50',
  ]
  assert.is(nextPrerelease('1.3.0', 'rc', tags), '1.3.0-rc.11')
  assert.is(nextPrerelease('2.0.0', 'rc', tags), '2.0.0-rc.1')
})

test('a line needs a name that is a word', async () => {
  for (const line of ['', '7', 'r c', 'rc.1']) {
    await rejects(() => nextPrerelease('1.3.0', line, []), 'ERR_INVALID_PRERELEASE')
  }
})

test('what is due becomes a prerelease, and dependents whose range it leaves as well', async () => {
  const a = due('a', { path: 'a', to: '1.1.0' })
  const outcome = await plan(['a-v1.1.0-rc.1', 'b-v1.0.1-rc.4'], [a, notDue('b', { path: 'b' })], {
    prerelease: 'rc',
  })
  assert.equal(moves(outcome), ['a 1.0.0 -> 1.1.0-rc.2 minor', 'b 1.0.0 -> 1.0.1-rc.5 patch'])
  const edits = outcome.files.flatMap((file) => file.edits)
  assert.ok(edits.some(({ from, to }) => from === '^1.0.0' && to === '^1.1.0-rc.2'))
})

test('a fixed group counts together', async () => {
  const decisions = [due('a', { path: 'a', to: '1.1.0' }), notDue('b', { path: 'b' })]
  const options = { prerelease: 'rc', groups: { fixed: [['a', 'b']] } }
  const outcome = await plan(['a-v1.1.0-rc.1', 'b-v1.1.0-rc.4'], decisions, options)
  assert.equal(
    moves(outcome).map((move) => move.split(' ')[3]),
    ['1.1.0-rc.5', '1.1.0-rc.5'],
  )
})

test('a fix after a release candidate leads to the next candidate, a breaking change to another target', async () => {
  const from = '1.1.0-rc.1'
  const fix = due('a', { path: 'a', from, to: '1.1.0', bump: 'patch' })
  const b = notDue('b', { path: 'b' })
  assert.equal(moves(await plan([`a-v${from}`], [fix, b], { prerelease: 'rc' })).slice(0, 1), [
    'a 1.1.0-rc.1 -> 1.1.0-rc.2 patch',
  ])
  const breaking = due('a', { path: 'a', from, to: '2.0.0', bump: 'major' })
  assert.equal(moves(await plan([`a-v${from}`], [breaking, b], { prerelease: 'rc' })).slice(0, 1), [
    'a 1.1.0-rc.1 -> 2.0.0-rc.1 major',
  ])
})

test('a line that comes before the last release is refused', async () => {
  const from = '1.1.0-rc.1'
  const fix = due('a', { path: 'a', from, to: '1.1.0', bump: 'patch' })
  const error = await rejects(
    plan([`a-v${from}`], [fix, notDue('b', { path: 'b' })], { prerelease: 'beta' }),
    'ERR_INVALID_PRERELEASE',
  )
  assert.is(error.message, 'a: 1.1.0-beta.1 would be lower than the last release, 1.1.0-rc.1')
})

test('a prerelease that is ordered by name is taken as it is', async () => {
  const a = due('a', { path: 'a', to: '2.0.0-beta.3', bump: 'major' })
  const ordered = { ...a, releaseAs: { version: '2.0.0-beta.3', commit: '1'.repeat(40) } }
  const outcome = await plan([], [ordered, notDue('b', { path: 'b' })], { prerelease: 'rc' })
  assert.match(moves(outcome)[0]!, '2.0.0-beta.3')
})

test('a promotion releases what was tested, not what commits would make of it', async () => {
  const a = notDue('a', { path: 'a', from: '2.0.0-rc.3' })
  const b = due('b', { path: 'b', from: '1.0.0', to: '1.1.0' })
  const outcome = await plan([], [a, b], { promote: true })
  assert.equal(moves(outcome).slice(0, 1), ['a 2.0.0-rc.3 -> 2.0.0 major'])
  assert.is(
    outcome.releases[0]!.reasons[0]!.reason,
    'promotes 2.0.0-rc.3, the version that was tested',
  )
  assert.equal(
    outcome.findings.filter(({ level }) => level === 'error'),
    [],
  )
})

test('the notes of a promotion say what it promotes', async () => {
  const a = notDue('a', { path: 'a', from: '2.0.0-rc.3' })
  const outcome = await plan([], [a, notDue('b', { path: 'b' })], { promote: true })
  assert.match(
    renderNotes(outcome.releases[0]!),
    'This release promotes 2.0.0-rc.3, the version that was tested.',
  )
})

test('a commit that came after the tested version is an error among the findings', async () => {
  const a = due('a', {
    path: 'a',
    from: '1.1.0-rc.3',
    to: '2.0.0',
    bump: 'major',
    subject: 'feat!: late',
  })
  const outcome = await plan([], [a, notDue('b', { path: 'b' })], { promote: true })
  assert.equal(moves(outcome).slice(0, 1), ['a 1.1.0-rc.3 -> 1.1.0 minor'])
  const errors = outcome.findings.filter(({ level }) => level === 'error')
  assert.equal(
    errors.map(({ code }) => code),
    ['untested-commit'],
  )
})

test('build metadata stands in the files, never in ranges', async () => {
  const cwd = repository([])
  const decisions = [
    due('a', { path: 'a', to: '2.0.0', bump: 'major' }),
    notDue('b', { path: 'b' }),
  ]
  const outcome = await planVersions(decisions, { cwd, build: '20261121.1a2b3c4' })
  await applyVersions(outcome, { cwd })
  assert.equal(moves(outcome), [
    'a 1.0.0 -> 2.0.0+20261121.1a2b3c4 major',
    'b 1.0.0 -> 1.0.1+20261121.1a2b3c4 patch',
  ])
  assert.match(textOf(cwd, 'b/package.json'), '"a": "^2.0.0"')
  await rejects(planVersions(decisions, { cwd, build: 'a b' }), 'ERR_INVALID_BUILD')
})

test('a version that makes no tag is an error of the plan', async () => {
  for (const build of ['build.lock', 'x.y.lock']) {
    const { findings } = await plan([], [due('a', { path: 'a', to: '1.1.0' })], { build })
    assert.ok(
      findings.some(({ code, level }) => code === 'invalid-tag' && level === 'error'),
      build,
    )
  }
})

test.run()
