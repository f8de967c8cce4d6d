// No option of `image` and `publish` takes the user's credentials away: every one of them is tried beside private registries.
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { startRegistry, type TestRegistry } from '@waybill/testkit'
import { waybill, type CliResult } from '../helpers/cli.ts'
import { COMMIT, createReleasedImage, type ReleasedImage } from '../helpers/released-image.ts'
import { createRepository } from '../helpers/repository.ts'
import { temporaryFolder } from '../helpers/temporary.ts'

interface Given {
  image: ReleasedImage
  /** The base is in the first; the second is published to. */
  registries: readonly [TestRegistry, TestRegistry]
  /** Where credentials are: in the file, or with a helper that PATH leads to. */
  homes: Readonly<Record<'file' | 'helper', Readonly<Record<string, string>>>>
}

const test = suite<Given>('options beside private registries')
const encoded = (text: string): string => Buffer.from(text).toString('base64')
const PASSWORD = 'correct-horse'

test.before(async (given) => {
  given.image = await createReleasedImage()
  given.registries = [
    await startRegistry({ auth: { users: { one: PASSWORD }, kind: 'bearer' } }),
    await startRegistry({ auth: { users: { two: PASSWORD } } }),
  ]
  const [first, second] = given.registries.map(({ address }) => address)
  const users = { [first!]: 'one', [second!]: 'two' }
  given.homes = { file: fileHome(users), helper: helperHome(users) }
  const base = ['publish', given.image.layout, '--version', '1.0.0', '--to', `${first}/base`]
  good(
    await waybill([...base, '--waive-identity', 'a base', '--yes', '--journal', journal()], {
      env: given.homes.file,
    }),
  )
})
test.after(async ({ registries }) => {
  for (const registry of registries) await registry.close()
})

function fileHome(users: Readonly<Record<string, string>>): Record<string, string> {
  const folder = temporaryFolder('docker-config')
  const auths = Object.fromEntries(
    Object.entries(users).map(([host, user]) => [host, { auth: encoded(`${user}:${PASSWORD}`) }]),
  )
  writeFileSync(join(folder, 'config.json'), JSON.stringify({ auths }))
  return { DOCKER_CONFIG: folder }
}

function helperHome(users: Readonly<Record<string, string>>): Record<string, string> {
  const folder = temporaryFolder('docker-helper')
  const bin = join(folder, 'bin')
  mkdirSync(bin)
  const cases = Object.entries(users).map(
    ([host, user]) => `${host}) echo '{"Username":"${user}","Secret":"${PASSWORD}"}';;`,
  )
  const helper = join(bin, 'docker-credential-mine')
  writeFileSync(helper, `#!/bin/sh\nread host\ncase "$host" in\n${cases.join('\n')}\nesac\n`)
  chmodSync(helper, 0o755)
  writeFileSync(join(folder, 'config.json'), JSON.stringify({ credsStore: 'mine' }))
  return { DOCKER_CONFIG: folder, PATH: `${bin}:${process.env['PATH']}` }
}

const journal = (): string => temporaryFolder('journal')

function good(result: CliResult): CliResult {
  assert.is(result.code, 0, result.stderr + result.stdout)
  return result
}

// What each option is tried with; null for those that are in every call, or end it before a registry is asked.
type Tried = readonly string[] | null | ((given: Given) => readonly string[])

const file = (): string => join(temporaryFolder('file'), 'x.json')

// A commit that its remote has, so that it can be tagged there.
function gitWords(): readonly string[] {
  const { path, git, commit } = createRepository()
  const name = commit({ message: 'feat: a thing' })
  const bare = join(temporaryFolder('bare'), 'origin.git')
  git('clone', '--quiet', '--bare', '.', bare)
  return ['--cwd', path, '--git', bare, '--git-tag', 'v1.0.0', '--commit', name]
}

const COMMON: Readonly<Record<string, Tried>> = {
  help: null,
  json: ['--json'],
  cwd: ['--cwd', '.'],
  config: null,
  quiet: ['--quiet'],
  verbose: ['--verbose'],
  'no-color': ['--no-color'],
  timeout: ['--timeout', '5m'],
  patience: ['--patience', '1m'],
  jobs: ['--jobs', '1'],
  'plain-http': ['--plain-http', 'registry.example'],
  'ca-file': null,
  'allow-code': ['--allow-code'],
  yes: null,
  'dry-run': ['--dry-run'],
}

const PUBLISH: Readonly<Record<string, Tried>> = {
  ...COMMON,
  version: null,
  to: null,
  artifacts: null,
  journal: null,
  plan: null,
  'plan-digest': null,
  'git-tag': null,
  'before-rolling': ['--before-rolling', 'true {image}'],
  path: ['--path', '/app'],
  optional: ({ registries }) => ['--optional', `${registries[1].address}/optional`],
  'tag-prefix': ['--tag-prefix', 'v'],
  channel: ['--channel', 'edge'],
  yanked: ['--yanked', '0.9.0'],
  commit: ['--commit', COMMIT],
  git: gitWords,
  'waive-identity': null,
  receipt: () => ['--receipt', file()],
  strict: ['--strict'],
  through: ['--through', `/init=sha256:${'a'.repeat(64)}`],
}

const IMAGE: Readonly<Record<string, Tried>> = {
  ...PUBLISH,
  path: null,
  binary: null,
  base: null,
  out: () => ['--out', temporaryFolder('layout')],
  reference: () => ['--reference', 'named', '--out', temporaryFolder('layout')],
  git: null,
  entrypoint: ['--entrypoint', '["/app"]'],
  cmd: ['--cmd', '["--serve"]'],
  user: ['--user', '65532'],
  port: ['--port', '8080'],
  env: [
    '--env',
    'A=B',
    '--env',
    'HOME=/nowhere',
    '--env',
    'PATH=/nowhere',
    '--env',
    'DOCKER_CONFIG=/x',
  ],
  label: ['--label', 'a=b'],
  annotation: ['--annotation', 'a=b'],
  volume: ['--volume', '/data'],
  workdir: ['--workdir', '/data'],
  healthcheck: ['--healthcheck', '/app --health'],
  'stop-signal': ['--stop-signal', 'SIGINT'],
  created: ['--created', '@1700000000'],
}

let repositories = 0

function imageWords({ image, registries: [first, second] }: Given): string[] {
  const binaries = ['amd64', 'arm64'].flatMap((machine) => [
    '--binary',
    `linux/${machine}=${join(image.artifacts, `app-${machine}`)}`,
  ])
  const base = ['--base', `${first.address}/base:1.0.0`, '--path', '/app2']
  const to = ['--to', `${second.address}/image${repositories++}`]
  return ['image', ...binaries, ...base, '--artifacts', image.artifacts, ...commonWords(), ...to]
}

// The image comes from the first registry, so both ask who we are.
function publishWords({ image, registries: [first, second] }: Given): string[] {
  const proof = ['--artifacts', image.artifacts, '--path', '/app']
  const to = ['--to', `${second.address}/publish${repositories++}`]
  return ['publish', `${first.address}/base:1.0.0`, ...proof, ...commonWords(), ...to]
}

const commonWords = (): string[] => ['--version', '1.0.0', '--yes', '--journal', journal()]

const optionsOf = (help: string): string[] => [
  ...new Set([...help.matchAll(/^ {2}(?:-\w, )?--([a-z-]+)/gm)].map(([, name]) => name!)),
]

for (const [command, table, words] of [
  ['image', IMAGE, imageWords],
  ['publish', PUBLISH, publishWords],
] as const) {
  test(`every option of ${command} has its line in this test`, async () => {
    const { stdout } = good(await waybill([command, '--help']))
    assert.equal(
      optionsOf(stdout).filter((name) => !(name in table)),
      [],
    )
  })

  for (const [name, tried] of Object.entries(table)) {
    if (tried === null) continue
    test(`${command} --${name}`, async (given) => {
      const option = typeof tried === 'function' ? tried(given) : tried
      // A file for one half, a helper for the other, and both for what carries names of the environment.
      const homes =
        name === 'env'
          ? (['file', 'helper'] as const)
          : ([name.length % 2 === 0 ? 'file' : 'helper'] as const)
      for (const home of homes)
        good(await waybill([...words(given), ...option], { env: given.homes[home] }))
    })
  }
}

test('without credentials both registries refuse', async (given) => {
  for (const words of [imageWords(given), publishWords(given)]) {
    const refused = await waybill(words, { env: { DOCKER_CONFIG: temporaryFolder('none') } })
    assert.is(refused.code, 4, refused.stdout)
    assert.match(refused.stderr, /ERR_UNAUTHORIZED/)
  }
})

test.run()
