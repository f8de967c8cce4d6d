import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { decide, releasePleaseDefaults, type Policy } from '@waybill/gate'
import { answer, ask, pair, rangeOf } from '../helpers/gate-range.ts'

// Every row twice: Waybill's own answer, and that of release-please 17 under its policy.
const test = suite('truth tables')

const visible = ['feat', 'fix', 'perf', 'deps', 'build', 'revert'].map((type) => ({ type }))
const hidden = ['docs', 'style', 'chore', 'refactor', 'test', 'ci'].map((type) => ({
  type,
  hidden: true,
}))
const configured: Policy = { ...releasePleaseDefaults('rust'), sections: [...visible, ...hidden] }

// Type, by the configuration of the system, by release-please's defaults, by Waybill's; after 0.4.1.
const types: readonly [string, string, string, string][] = [
  ['feat: x', '0.5.0', '0.5.0', '0.5.0'],
  ['fix: x', '0.4.2', '0.4.2', '0.4.2'],
  ['perf: x', '0.4.2', '0.4.2', '0.4.2'],
  ['revert: x', '0.4.2', '0.4.2', '0.4.2'],
  ['build: x', '0.4.2', 'none', 'none'],
  ['deps: x', '0.4.2', 'none', '0.4.2'],
  ...['ci', 'docs', 'chore', 'refactor', 'test', 'style', 'wip']
    .map((type) => [`${type}: x`, 'none', 'none', 'none'] as const)
    .map(([a, b, c, d]): [string, string, string, string] => [a, b, c, d]),
  ['fix!: x', '1.0.0', '1.0.0', '0.5.0'],
  ['ci!: x', '1.0.0', '1.0.0', '0.5.0'],
  ['wip!: x', '1.0.0', '1.0.0', '0.5.0'],
  ['chore: x\n\nRelease-As: 0.9.0', '0.9.0', '0.9.0', '0.9.0'],
  ['wip: x\n\nRelease-As: 0.9.0', '0.9.0', '0.9.0', '0.9.0'],
]
for (const [message, system, standard, own] of types) {
  test(`after 0.4.1: ${JSON.stringify(message)}`, () => {
    assert.is(ask('0.4.1', message, configured), system)
    assert.is(ask('0.4.1', message, 'release-please'), standard)
    assert.is(ask('0.4.1', message, 'conventional'), own)
  })
}

test('before 1.0.0 the flags of release-please and of Waybill turn breaking changes and features down', () => {
  const flags: Policy = {
    ...releasePleaseDefaults(),
    bumpMinorPreMajor: true,
    bumpPatchForMinorPreMajor: true,
  }
  assert.is(ask('0.4.1', 'feat!: x', flags), '0.5.0')
  assert.is(ask('0.4.1', 'feat: x', flags), '0.4.2')
  const own: Policy = {
    kind: 'conventional',
    name: 'mine',
    types: { feat: 'minor' },
    breakingBeforeMajor: 'major',
    featureBeforeMajor: 'patch',
  }
  assert.is(ask('0.4.1', 'feat!: x', own), '1.0.0')
  assert.is(ask('0.4.1', 'feat: x', own), '0.4.2')
})

const INERT = 'release-as-inert'
const BAD = 'release-as-malformed'
const LOW = 'release-as-lower'
// What stands under `chore: x` after 1.2.3: release-please's answer, Waybill's. A same version is a tag that stands already.
const orders: readonly [string, string, string][] = [
  ['\n\nRelease-As: 2.0.0', '2.0.0', '2.0.0'],
  ['\n\nrelease-as: 2.0.0', '2.0.0', '2.0.0'],
  ['\n\nRelease-As: v2.0.0', '2.0.0', '2.0.0'],
  ['\n\nRelease-As:2.0.0', '2.0.0', '2.0.0'],
  ['\n\nRelease-As #2.0.0', '2.0.0', '2.0.0'],
  ['\r\n\r\nRelease-As: 2.0.0\r\n', '2.0.0', '2.0.0'],
  ['\nRelease-As: 2.0.0', '2.0.0', '2.0.0'],
  ['\n\nRelease-As:   2.0.0  ', '2.0.0', '2.0.0'],
  ['\n\nRelease-As(core): 2.0.0', '2.0.0', 'release-as-unknown'],
  ['\n\nRelease-As: 2.0.0-beta.1', '2.0.0-beta.1', '2.0.0-beta.1'],
  ['\n\nRelease-As: 2.0.0+b1', '2.0.0+b1', '2.0.0+b1'],
  ['\n\nRelease-As: 2.0.0-beta_1', '2.0.0-beta_1', BAD],
  ['\n\nRelease-As: 2.0.0-01', '2.0.0-01', BAD],
  // Theirs would name a tag that git does not take.
  ['\n\nRelease-As: 2.0.0-beta (see #1)', 'invalid-tag', BAD],
  ['\n\nRelease-As: 0.9.0', '0.9.0', LOW],
  ['\n\nRelease-As: 1.2.3', '1.2.3', 'release-as-tagged'],
  ['\n\nRelease-As: 2.0.0 because reasons', '2.0.0', BAD],
  ['\n\nRelease-As: 1.2.3.4', '1.2.3', BAD],
  ['\n\nRelease-As: 02.00.01', '2.0.1', BAD],
  ['\n\nRelease-As: 2.0', BAD, BAD],
  ['\n\nRelease-As: next', BAD, BAD],
  ['\n\nRelease-As:', BAD, BAD],
  ['\n\nRelease-As: "2.0.0"', 'none', BAD],
  ['\n\nRelease-As: pkg-v2.0.0', 'none', BAD],
  ['\n\nRelease-As: 2.0.0\nSigned-off-by: A <a@b>', '2.0.0', '2.0.0'],
  ['\n\nRelease-As: 2.0.0\n\nSigned-off-by: A <a@b>', '2.0.0', '2.0.0'],
  ['\n\nRelease-As: 2.0.0\n\nand a paragraph of prose', 'none', INERT],
  ['\n\n* chore: a\n\nRelease-As: 2.0.0\n\n* ci: b', 'none', '2.0.0'],
  ['\n\nRelease-As: 2.0.0\n\n---------\n\nCo-authored-by: A <a@b>', 'none', '2.0.0'],
  ['\n\n  Release-As: 2.0.0', 'none', INERT],
  ['\n\n**Release-As: 2.0.0**', 'none', INERT],
  ['\n\nRelease-As: 2.0.0\n more', BAD, INERT],
  ['\n\n```\nRelease-As: 2.0.0\n```', 'none', INERT],
  ['\n\nRelease-As: 2.0.0\nRelease-As: 3.0.0', '2.0.0', 'release-as-contradiction'],
]
for (const [tail, theirs, ours] of orders) {
  test(`chore: x${JSON.stringify(tail).slice(1, -1)}`, () => {
    assert.is(ask('1.2.3', `chore: x${tail}`, 'release-please'), theirs, 'release-please')
    assert.is(ask('1.2.3', `chore: x${tail}`, 'conventional'), ours, 'conventional')
  })
}

test('Release-As in the subject, in prose or under a header that cannot be read orders nothing, and is said', () => {
  const rows: readonly [string, string, 'error' | 'warning'][] = [
    ['chore: x (Release-As: 1.3.0)', 'none', 'warning'],
    ['chore: x\n\nWe could say Release-As: 1.3.0 here.', 'none', 'warning'],
    ['Bump it\n\nRelease-As: 1.3.0', 'none', 'error'],
  ]
  for (const [message, theirs, level] of rows) {
    assert.is(ask('1.2.3', message, 'release-please'), theirs)
    const { findings } = decide(rangeOf('1.2.3', [{ message }]))
    assert.equal(
      findings.map((one) => [one.code, one.level]),
      [[INERT, level]],
    )
  }
})

test('Release-As works in the body of a merge, and the newest wins over every breaking commit', () => {
  const merge = [
    { message: 'Merge pull request #1 from a/b\n\nchore: x\n\nRelease-As: 1.9.0', merge: true },
  ]
  const several = [
    { message: 'chore: a\n\nRelease-As: 1.5.0' },
    { message: 'feat!: b' },
    { message: 'chore: c\n\nRelease-As: 1.4.0' },
  ]
  for (const policy of ['conventional', 'release-please'] as const) {
    assert.is(ask('1.2.3', merge, policy), '1.9.0')
    assert.is(ask('1.2.3', several, policy), '1.5.0')
  }
})

test('a merge whose subject is all it has may order a version as well', () => {
  const merge = [{ message: "Merge branch 'a'\n\nRelease-As: 1.9.0", merge: true }]
  assert.is(ask('1.2.3', merge, 'conventional'), '1.9.0')
  assert.is(ask('1.2.3', merge, 'release-please'), 'none')
})

test('allowDowngrade lets a lower version through', () => {
  const policy: Policy = { kind: 'conventional', name: 'mine', types: {}, allowDowngrade: true }
  assert.is(ask('1.2.3', 'chore: x\n\nRelease-As: 0.9.0', policy), '0.9.0')
})

const order = (message: string, policy: 'conventional' | 'release-please'): string[] =>
  pair.map((component) =>
    answer(decide(rangeOf('1.2.3', [{ message, empty: true }], component, pair), { policy })),
  )

test('an empty commit orders every package under release-please, and none without a name by default', () => {
  assert.equal(order('chore: x\n\nRelease-As: 2.0.0', 'release-please'), ['2.0.0', '2.0.0'])
  assert.equal(order('chore: x\n\nRelease-As: 2.0.0', 'conventional'), [
    'release-as-ambiguous',
    'release-as-ambiguous',
  ])
  assert.equal(order('chore: x\n\nRelease-As(core): 2.0.0', 'conventional'), ['2.0.0', 'none'])
  assert.equal(order('chore: x\n\nRelease-As: cli@2.0.0', 'conventional'), ['none', '2.0.0'])
  assert.equal(order('chore: x\n\nRelease-As: *@2.0.0', 'conventional'), ['2.0.0', '2.0.0'])
  assert.equal(
    order('chore: x\n\nRelease-As(core): 2.0.0\nRelease-As(cli): 3.0.0', 'conventional'),
    ['2.0.0', '3.0.0'],
  )
})

test.run()
