import { planNames } from '@waybill/publish'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { rejects } from '../helpers/rejects.ts'

const test = suite('planNames')
const commit = '1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d'
const sha = 'sha-1a2b3c4'

const bad = async (version: string, options: object): Promise<string> =>
  (await rejects(() => planNames(version, [], options), 'ERR_INVALID_NAME')).message

const names = (version: string, existing: readonly string[] = [], options = {}): string[] => {
  const { immutable, rolling } = planNames(version, existing, { commit, ...options })
  return [...immutable, '|', ...rolling]
}

test('a first release before 1.0.0 has no bare major', () => {
  assert.equal(names('0.10.1'), ['0.10.1', sha, '|', '0.10', 'latest'])
})

test('from 1.0.0 the major number is a name', () => {
  assert.equal(names('1.2.3'), ['1.2.3', sha, '|', '1.2', '1', 'latest'])
  assert.equal(names('0.2.3', [], { majorZero: true }).at(-2), '0')
})

test('a prerelease has its own names only', () => {
  assert.equal(names('0.11.0-rc1', ['0.10.0']), ['0.11.0-rc1', sha, '|'])
})

test('a backport moves its own line only', () => {
  assert.equal(names('0.9.3', ['0.9.2', '0.10.0']), ['0.9.3', sha, '|', '0.9'])
  assert.equal(names('1.9.1', ['2.0.0', '1.9.0']), ['1.9.1', sha, '|', '1.9', '1'])
})

test('publishing 0.10.0 again after 0.10.1 moves nothing, and says why', () => {
  const plan = planNames('0.10.0', ['0.10.0', '0.10.1', '0.10', 'latest'], { commit })
  assert.equal(plan.rolling, [])
  assert.equal(plan.kept, [
    { name: '0.10', reason: '0.10.1 is higher than 0.10.0', by: '0.10.1' },
    { name: 'latest', reason: '0.10.1 is higher than 0.10.0', by: '0.10.1' },
  ])
})

test('versions are ordered as numbers, and prereleases count for nothing', () => {
  assert.equal(names('1.10.0', ['1.9.0', '2.0.0-rc.1']), [
    '1.10.0',
    sha,
    '|',
    '1.10',
    '1',
    'latest',
  ])
})

test('build metadata is written with _, which no other version can hold', () => {
  assert.equal(names('1.0.0+build.5'), ['1.0.0_build.5', sha, '|', '1.0', '1', 'latest'])
  assert.is(names('1.0.0-build.5')[0], '1.0.0-build.5')
  assert.equal(names('1.0.0', ['1.0.0_build.5']), ['1.0.0', sha, '|'])
  assert.equal(names('1.0.0+build.6', ['1.0.0_build.5']).slice(3), ['1.0', '1', 'latest'])
})

test('a yanked version does not count as highest, and moves nothing itself', () => {
  const yanked = ['1.3.0']
  assert.equal(names('1.2.4', ['1.3.0'], { yanked }).slice(3), ['1.2', '1', 'latest'])
  assert.equal(names('1.3.0', ['1.2.4'], { yanked }), ['1.3.0', sha, '|'])
})

test('a channel moves itself and nothing else', () => {
  assert.equal(names('1.2.3', [], { channel: 'edge' }), ['|', 'edge'])
  assert.equal(names('0.4.3-snapshot.1a2b3c4', [], { channel: 'dev' }), [
    '0.4.3-snapshot.1a2b3c4',
    '|',
    'dev',
  ])
})

test("a snapshot leaves the commit's name to the release", () => {
  assert.equal(names('0.4.3-snapshot.1a2b3c4'), ['0.4.3-snapshot.1a2b3c4', '|'])
  assert.equal(names('0.0.0-canary-20260101'), ['0.0.0-canary-20260101', '|'])
})

test('a prefix is before versions; without the v of the version also before what all releases share', () => {
  assert.equal(names('1.2.3', ['1.9.0', 'v1.0.0'], { tagPrefix: 'v' }), [
    'v1.2.3',
    sha,
    '|',
    'v1.2',
    'v1',
    'latest',
  ])
  assert.equal(names('1.2.3', ['1.9.0', 'api-v3.0.0'], { tagPrefix: 'cli-v' }), [
    'cli-v1.2.3',
    `cli-${sha}`,
    '|',
    'cli-v1.2',
    'cli-v1',
    'cli-latest',
  ])
  assert.equal(names('1.2.3', ['cli-v1.2.4'], { tagPrefix: 'cli-v' }).slice(3), [])
})

test('templates name other lines; what stands is recognised by their shape', () => {
  const options = {
    immutable: ['{version}-alpine'],
    rolling: ['{major}.{minor}-alpine', '{major}-alpine', 'alpine'],
  }
  assert.equal(names('1.2.3', ['1.2.4', '1.2.2-alpine', '2.0.0-alpine'], options), [
    '1.2.3-alpine',
    '|',
    '1.2-alpine',
    '1-alpine',
  ])
})

test('what is no version is refused', async () => {
  for (const version of ['', 'v1.2.3', '1.2', '01.2.3', '1.2.3 ', '1.2.3-01', 'latest', '1.2.3.4'])
    await rejects(() => planNames(version, []), 'ERR_INVALID_VERSION')
})

test('what is no tag is refused, with the reason', async () => {
  assert.match(await bad('1.2.3', { tagPrefix: '@scope/pkg@' }), 'holds "@"')
  assert.match(await bad('1.2.3', { tagPrefix: '-' }), 'begins with "-"')
  assert.match(await bad('1.2.3', { tagPrefix: 'app1' }), 'ends with a digit')
  assert.match(await bad(`1.2.3-${'a'.repeat(130)}`, {}), 'has 136 characters')
  assert.match(await bad('1.2.3', { channel: 'a b' }), 'holds " "')
  assert.match(await bad('1.2.3', { channel: '' }), 'is empty')
  assert.match(await bad('1.2.3', { commit: 'HEAD' }), 'HEAD')
})

test('a name with two meanings is refused', async () => {
  const refused = [
    { channel: 'latest' },
    { channel: '1.2.3' },
    { channel: '1.2' },
    { channel: '7' },
    { channel: 'sha-1a2b3c4' },
    { channel: '1.2.3_build' },
    { rolling: ['{version}'] },
    { rolling: ['{major}.{minor}.0'] },
    { rolling: ['latest', 'latest'] },
    { rolling: ['sha-abc'] },
    { immutable: ['stable'] },
    { immutable: ['{major}.{minor}'] },
  ]
  for (const options of refused)
    await rejects(() => planNames('1.2.3', [], options), 'ERR_NAME_COLLISION')
  await rejects(() => planNames('1.2.3', [], { rolling: ['{mayor}'] }), 'ERR_UNKNOWN_VARIABLE')
  const immutable = ['{major}.{minor}.{patch}']
  await rejects(() => planNames('1.2.3-rc.1', [], { immutable }), 'ERR_NAME_COLLISION')
})

test.run()
