import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { releasePleaseDefaults, type Policy } from '@waybill/gate'
import { ask } from '../helpers/gate-range.ts'

const test = suite('imitations')

// Messages release-please cannot read, or reads in its own way: its answer, Waybill's; after 1.2.3.
const readings: readonly [string, string, string][] = [
  ['feat: x\n\nfoo(bar(baz))', 'none', '1.3.0'],
  ['feat: x\n\ncall(foo bar', 'none', '1.3.0'],
  ['feat: x\n\nfoo(a,\n  b)', 'none', '1.3.0'],
  ['docs: x\n\nwords\n\nfix(utils): b', '1.2.4', 'none'],
  ['fix: x\n\nRefs: #1\nfeat: not intended', '1.3.0', '1.2.4'],
  ['feature: x', '1.3.0', '1.3.0'],
  ['Feat: x', '1.2.4', '1.3.0'],
  ['feat(): x', 'none', 'none'],
  ['feat (api): x', 'none', 'none'],
  ['feat!(api): x', 'none', 'none'],
  ['fixup! feat: x', 'none', 'none'],
  ['feat:x', '1.3.0', '1.3.0'],
  ['Merge pull request #1 from a/b\n\nfeat: x', '1.3.0', '1.3.0'],
  ['fix: x\n\nBREAKING CHANGE: y', '2.0.0', '2.0.0'],
  ['fix: x\n\nBREAKING-CHANGE: y', '2.0.0', '2.0.0'],
  ['fix: x\n\nBREAKING CHANGE #y', '2.0.0', '2.0.0'],
  ['fix: x\n\nbreaking change: y', '1.2.4', '1.2.4'],
  ['fix: x\n\nBREAKING CHANGES: y', '1.2.4', '1.2.4'],
  ['fix: x\n\nnot a BREAKING CHANGE: y', '1.2.4', '1.2.4'],
  ['chore: x (#1)\n\n* feat!: a\n\n* fix: b', 'none', 'none'],
]
for (const [message, theirs, ours] of readings) {
  test(`after 1.2.3: ${JSON.stringify(message)}`, () => {
    const spot = [{ message, merge: message.startsWith('Merge') }]
    assert.is(ask('1.2.3', spot, 'release-please'), theirs, 'release-please')
    assert.is(ask('1.2.3', spot, 'conventional'), ours, 'conventional')
  })
}

test('a prerelease keeps its suffix under the default strategy of release-please, and counts it up under `prerelease`', () => {
  const prerelease: Policy = {
    ...releasePleaseDefaults(),
    versioning: 'prerelease',
    prerelease: true,
    prereleaseType: 'rc',
  }
  assert.is(ask('2.0.0-rc.1', 'feat: x', 'release-please'), '2.1.0-rc.1')
  assert.is(ask('2.0.0-rc.1', 'feat: x', prerelease), '2.0.0-rc.2')
  assert.is(ask('2.0.0-rc.1', 'feat: x', { ...prerelease, prerelease: false }), '2.0.0')
  assert.is(ask('2.0.0-rc.1', 'feat: x', 'conventional'), '2.0.0')
})

const preset = (name: 'angular' | 'conventionalcommits'): Policy => ({
  kind: 'semantic-release',
  name,
  preset: name,
})

// semantic-release with each of its two presets; after 1.2.3.
const analyzed: readonly [string, string, string][] = [
  ['feat: x', '1.3.0', '1.3.0'],
  ['fix: x', '1.2.4', '1.2.4'],
  ['feat!: x', 'none', '2.0.0'],
  ['FEAT: x', '1.3.0', '1.3.0'],
  ['Feat: x', 'none', 'none'],
  ['docs: x\n\nbreaking change: y', '2.0.0', '2.0.0'],
  ['docs: x\n\n  BREAKING CHANGE: y', '2.0.0', '2.0.0'],
  ['Whatever\n\nBREAKING CHANGE: y', '2.0.0', '2.0.0'],
  ['fix: x\n\nBREAKING-CHANGE: y', '1.2.4', '2.0.0'],
  ['chore: x\n\n* feat: a', 'none', 'none'],
  ['feat: x\n\nRelease-As: 9.0.0', '1.3.0', '1.3.0'],
  ['feat: x [skip release]', 'none', 'none'],
]
for (const [message, angular, conventionalcommits] of analyzed) {
  test(`semantic-release after 1.2.3: ${JSON.stringify(message)}`, () => {
    assert.is(ask('1.2.3', message, preset('angular')), angular)
    assert.is(ask('1.2.3', message, preset('conventionalcommits')), conventionalcommits)
  })
}

test('release-plz releases on every commit, and reads 0.x as Cargo does', () => {
  const policy: Policy = { kind: 'every-commit', name: 'x' }
  assert.is(ask('1.2.3', 'Some words', policy), '1.2.4')
  assert.is(ask('1.2.3', 'feat: x', policy), '1.3.0')
  assert.is(ask('0.4.1', 'feat: x', policy), '0.4.2')
  assert.is(ask('0.4.1', 'feat!: x', policy), '0.5.0')
  assert.is(ask('0.0.4', 'feat!: x', policy), '0.0.5')
  assert.is(ask('1.2.3', 'docs: x', { ...policy, releaseCommits: '^(feat|fix)' }), 'none')
})

test.run()
