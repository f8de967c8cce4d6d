import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import {
  applyVersions,
  planVersions,
  type PlanVersionsOptions,
  type VersionPlan,
} from '@waybill/version'
import type { Decision } from '@waybill/core'
import { rejects } from '../helpers/rejects.ts'
import { due, folderWith, notDue, textOf, type Files } from '../helpers/version.ts'

const test = suite('planVersions: dependents and groups')

const npm = (name: string, version: string, more: object = {}): string =>
  `${JSON.stringify({ name, version, ...more }, null, 2)}\n`

const ROOT = npm('root', '0.0.0', { private: true, workspaces: ['packages/*'] })

interface Outcome {
  readonly plan: VersionPlan
  readonly cwd: string
  readonly moves: readonly string[]
}

async function run(
  files: Files,
  decisions: readonly Decision[],
  options: PlanVersionsOptions = {},
): Promise<Outcome> {
  const cwd = await folderWith(files)
  const plan = await planVersions(decisions, { cwd, ...options })
  await applyVersions(plan, { cwd })
  const moves = plan.releases.map(
    ({ component, from, to, bump }) => `${component} ${from} -> ${to} ${bump}`,
  )
  return { plan, cwd, moves }
}

const at = (name: string): { path: string } => ({ path: `packages/${name}` })
const dependency = ({ cwd }: Outcome, name: string, kind = 'dependencies'): unknown =>
  (
    JSON.parse(textOf(cwd, `packages/${name}/package.json`)) as Record<
      string,
      Record<string, string>
    >
  )[kind]

test('a dependent whose range is left gets a patch and asks for the new version', async () => {
  const outcome = await run(
    {
      'package.json': ROOT,
      'packages/a/package.json': npm('@acme/a', '1.2.0'),
      'packages/b/package.json': npm('b', '3.0.0', { dependencies: { '@acme/a': '^1.0.0' } }),
      'packages/c/package.json': npm('c', '0.1.0', { peerDependencies: { b: '3.0.0' } }),
    },
    [
      due('a', { ...at('a'), from: '1.2.0', to: '2.0.0', bump: 'major' }),
      notDue('b', { ...at('b'), from: '3.0.0' }),
      notDue('c', { ...at('c'), from: '0.1.0' }),
    ],
  )
  assert.equal(outcome.moves, [
    'a 1.2.0 -> 2.0.0 major',
    'b 3.0.0 -> 3.0.1 patch',
    'c 0.1.0 -> 0.1.1 patch',
  ])
  assert.equal(outcome.plan.releases[1]!.reasons, [
    {
      kind: 'dependency',
      bump: 'patch',
      reason: 'needs a ^1.0.0, which 2.0.0 leaves',
      component: 'a',
    },
  ])
  assert.equal(dependency(outcome, 'b'), { '@acme/a': '^2.0.0' })
  assert.equal(dependency(outcome, 'c', 'peerDependencies'), { b: '3.0.1' })
})

test('a dependent whose range still fits is left alone, unless asked for', async () => {
  const files = {
    'package.json': ROOT,
    'packages/a/package.json': npm('a', '1.2.0'),
    'packages/b/package.json': npm('b', '3.0.0', { dependencies: { a: '^1.0.0' } }),
  }
  const decisions = [
    due('a', { ...at('a'), from: '1.2.0', to: '1.3.0' }),
    notDue('b', { ...at('b'), from: '3.0.0' }),
  ]
  const outcome = await run(files, decisions)
  assert.equal(outcome.moves, ['a 1.2.0 -> 1.3.0 minor'])
  assert.equal(dependency(outcome, 'b'), { a: '^1.0.0' })
  const always = await run(files, decisions, { updateInternalDependents: 'always' })
  assert.equal(always.moves, ['a 1.2.0 -> 1.3.0 minor', 'b 3.0.0 -> 3.0.1 patch'])
  assert.equal(dependency(always, 'b'), { a: '^1.3.0' })
})

test('a development dependency is rewritten without a release', async () => {
  const outcome = await run(
    {
      'package.json': ROOT,
      'packages/a/package.json': npm('a', '1.2.0'),
      'packages/b/package.json': npm('b', '3.0.0', { devDependencies: { a: '1.2.0' } }),
    },
    [
      due('a', { ...at('a'), from: '1.2.0', to: '1.3.0' }),
      notDue('b', { ...at('b'), from: '3.0.0' }),
    ],
  )
  assert.equal(outcome.moves, ['a 1.2.0 -> 1.3.0 minor'])
  assert.equal(dependency(outcome, 'b', 'devDependencies'), { a: '1.3.0' })
})

test('a version that is ordered beyond what the bump leads to takes its dependents along', async () => {
  const order = { version: '4.0.0', commit: '1'.repeat(40) }
  const outcome = await run(
    {
      'package.json': ROOT,
      'packages/a/package.json': npm('a', '1.2.0'),
      'packages/b/package.json': npm('b', '3.0.0', { dependencies: { a: '>=1.0.0 <3.0.0' } }),
    },
    [
      { ...due('a', { ...at('a'), from: '1.2.0', to: '4.0.0', bump: 'major' }), releaseAs: order },
      notDue('b', { ...at('b'), from: '3.0.0' }),
    ],
  )
  assert.equal(outcome.moves, ['a 1.2.0 -> 4.0.0 major', 'b 3.0.0 -> 3.0.1 patch'])
  assert.equal(dependency(outcome, 'b'), { a: '>=4.0.0 <5.0.0' })
  assert.is(outcome.plan.releases[0]!.reasons[0]!.kind, 'release-as')
})

test('a range that excludes the package beside it is somebody else’s: noted and left', async () => {
  const outcome = await run(
    {
      'package.json': ROOT,
      'packages/a/package.json': npm('a', '3.0.0'),
      'packages/b/package.json': npm('b', '1.0.0', { dependencies: { a: '^1.0.0' } }),
    },
    [
      due('a', { ...at('a'), from: '3.0.0', to: '4.0.0', bump: 'major' }),
      due('b', { ...at('b'), from: '1.0.0', to: '1.1.0' }),
    ],
  )
  assert.equal(dependency(outcome, 'b'), { a: '^1.0.0' })
  assert.equal(
    outcome.plan.findings.map(({ code }) => code),
    ['dependency-elsewhere'],
  )
})

const TWO = {
  'package.json': ROOT,
  'packages/a/package.json': npm('@acme/a', '1.2.0'),
  'packages/b/package.json': npm('@acme/b', '1.0.5'),
  'packages/c/package.json': npm('c', '0.4.0'),
}
const twoDue = (): Decision[] => [
  notDue('a', { ...at('a'), from: '1.2.0' }),
  due('b', { ...at('b'), from: '1.0.5', to: '1.1.0' }),
  notDue('c', { ...at('c'), from: '0.4.0' }),
]

test('a fixed group moves as one, from its highest version', async () => {
  const { moves, plan } = await run(TWO, twoDue(), { groups: { fixed: [['@acme/*']] } })
  assert.equal(moves, ['a 1.2.0 -> 1.3.0 minor', 'b 1.0.5 -> 1.3.0 minor'])
  assert.equal(
    plan.releases[0]!.reasons.map(({ reason }) => reason),
    ['shares 1.3.0 with b, in a fixed group'],
  )
})

test('a linked group shares the version of those that are released', async () => {
  const { moves } = await run(TWO, twoDue(), { groups: { linked: [['a', 'b', 'c']] } })
  assert.equal(moves, ['b 1.0.5 -> 1.3.0 minor'])
})

test('the groups of the changesets configuration are used where none are given', async () => {
  const config = JSON.stringify({ fixed: [['@acme/*', 'elsewhere']] })
  const { moves } = await run({ ...TWO, '.changeset/config.json': config }, twoDue(), {
    changesets: false,
  })
  assert.equal(moves, ['a 1.2.0 -> 1.3.0 minor', 'b 1.0.5 -> 1.3.0 minor'])
})

test('an ordered version is the whole fixed group’s, two different ones are refused', async () => {
  const order = (name: string, from: string, to: string): Decision => ({
    ...due(name, { ...at(name), from, to, bump: 'major' }),
    releaseAs: { version: to, commit: '1'.repeat(40) },
  })
  const groups = { fixed: [['a', 'b']] }
  const one = [order('a', '1.2.0', '5.0.0'), due('b', { ...at('b'), from: '1.0.5', to: '1.1.0' })]
  const { moves } = await run(TWO, one, { groups })
  assert.equal(
    moves.map((move) => move.split(' ')[3]),
    ['5.0.0', '5.0.0'],
  )
  const two = [order('a', '1.2.0', '5.0.0'), order('b', '1.0.5', '6.0.0')]
  await rejects(run(TWO, two, { groups }), 'ERR_VERSION_CONFLICT')
})

test('a new member takes its fixed group’s version', async () => {
  const decisions = [
    due('a', { ...at('a'), from: '1.2.0', to: '1.3.0' }),
    due('b', { ...at('b'), from: null, to: '0.1.0' }),
  ]
  const { moves } = await run(TWO, decisions, { groups: { fixed: [['a', 'b']] } })
  assert.equal(
    moves.map((move) => move.split(' ')[3]),
    ['1.3.0', '1.3.0'],
  )
})

test('a group that names nothing, or a component in two groups, is refused', async () => {
  await rejects(run(TWO, twoDue(), { groups: { fixed: [['a', 'bb']] } }), 'ERR_UNKNOWN_COMPONENT')
  await rejects(
    run(TWO, twoDue(), { groups: { fixed: [['a', 'b']], linked: [['b', 'c']] } }),
    'ERR_GROUPS_OVERLAP',
  )
})

const crate = (name: string): string => `[package]\nname = "${name}"\nversion.workspace = true\n`

test('crates that inherit one version are released together, each with its reason', async () => {
  const outcome = await run(
    {
      'Cargo.toml':
        '[workspace]\nmembers = ["crates/*"]\n[workspace.package]\nversion = "0.3.1" # all\n',
      'crates/a/Cargo.toml': crate('a'),
      'crates/b/Cargo.toml': crate('b'),
    },
    [
      due('a', { path: 'crates/a', from: '0.3.1', to: '0.4.0' }),
      notDue('b', { path: 'crates/b', from: '0.3.1' }),
    ],
  )
  assert.equal(outcome.moves, ['a 0.3.1 -> 0.4.0 minor', 'b 0.3.1 -> 0.4.0 minor'])
  assert.match(textOf(outcome.cwd, 'Cargo.toml'), 'version = "0.4.0" # all')
})

test('a Go module that is released asks for the new version; another major is another module', async () => {
  const files = {
    'go.work': 'use ./api\nuse ./server\n',
    'api/go.mod': 'module example.org/api\n',
    'server/go.mod': 'module example.org/server\n\nrequire example.org/api v1.1.0 // kept\n',
  }
  const server = due('server', { path: 'server', from: '1.0.0', to: '1.1.0' })
  const minor = await run(files, [due('api', { path: 'api', from: '1.1.0', to: '1.2.0' }), server])
  assert.match(textOf(minor.cwd, 'server/go.mod'), 'require example.org/api v1.2.0 // kept')
  const major = await run(files, [
    due('api', { path: 'api', from: '1.1.0', to: '2.0.0', bump: 'major' }),
    server,
  ])
  assert.match(textOf(major.cwd, 'server/go.mod'), 'require example.org/api v1.1.0 // kept')
  assert.equal(
    major.plan.findings.map(({ code }) => code),
    ['go-module-path', 'dependency-not-updated'],
  )
})

test.run()
