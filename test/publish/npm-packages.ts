import { execFileSync } from 'node:child_process'
import { appendFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import {
  spawnExec,
  type Destination,
  type Exec,
  type HttpClient,
  type Release,
} from '@waybill/core'
import {
  npmPackages,
  planPublish,
  publish,
  type NpmPackagesOptions,
  type PackedPackage,
} from '@waybill/publish'
import { createImage } from '../helpers/destination.ts'
import { testWith } from '../helpers/needs.ts'
import { startNpmRegistry, type NpmRegistry } from '../helpers/npm-registry.ts'
import { rejects } from '../helpers/rejects.ts'
import { lockFolder } from '../helpers/release.ts'
import { temporaryFolder } from '../helpers/temporary.ts'

const test = suite('npmPackages')
const NOBODY = '{"error":{"code":"ENEEDAUTH","summary":"need auth"}}'
let registry: NpmRegistry | undefined

const started = async (): Promise<NpmRegistry> => (registry ??= await startNpmRegistry())
test.after(() => registry?.stop())

interface Packed {
  readonly cwd: string
  readonly packed: PackedPackage
}

function pack(name: string, version: string, content = version): Packed {
  const cwd = temporaryFolder('npm')
  writeFileSync(join(cwd, 'package.json'), JSON.stringify({ name, version }))
  writeFileSync(join(cwd, 'index.js'), content)
  const stdout = execFileSync('npm', ['pack', '--json'], { cwd, encoding: 'utf8' })
  return { cwd, packed: (JSON.parse(stdout) as PackedPackage[])[0]! }
}

function at({ packed, cwd }: Packed, options: NpmPackagesOptions): Destination {
  return npmPackages([packed], { cwd, ...options })[packed.name]!
}

async function destination(one: Packed, who?: 'nobody'): Promise<Destination> {
  return at(one, { env: (await started()).env(who) })
}

// Nobody is logged in, and publishing works all the same; moving dist-tags would not.
const trusting: Exec = (file, args, options) =>
  args[0] === 'publish' || args[0] === 'config'
    ? spawnExec(file, args, options)
    : Promise.resolve({ exitCode: 1, stdout: Buffer.from(NOBODY), stderr: '' })

const release = (version: string): Release => ({
  component: 'a',
  path: '.',
  version,
  tag: `v${version}`,
  commit: 'a'.repeat(40),
  created: 1_700_000_000,
})

async function publishOne(one: Packed): Promise<readonly string[]> {
  const content = createImage('a')
  const to = { npm: await destination(one) }
  const plan = await planPublish(release(one.packed.version), content, { to })
  const { results } = await publish(plan, { content, to, lockFolder })
  return results.map(({ name, outcome }) => `${name} ${outcome}`)
}

async function view(...words: readonly string[]): Promise<unknown> {
  const env = (await started()).env()
  const all = ['view', ...words, '--json', '--prefer-online']
  return JSON.parse(execFileSync('npm', all, { env, encoding: 'utf8' }))
}

testWith(test, ['verdaccio'], 'publishes the packed file once; then it is unchanged', async () => {
  const one = pack('@acme/once', '1.0.0')
  assert.ok((await publishOne(one)).includes('1.0.0 applied'))
  assert.equal(await publishOne(one), ['1.0.0 unchanged', 'latest unchanged'])
  assert.is(await view('@acme/once', 'dist.integrity'), one.packed.integrity)
})

testWith(test, ['verdaccio'], 'the same version packed otherwise is a conflict', async () => {
  await publishOne(pack('@acme/conflict', '1.0.0'))
  const other = pack('@acme/conflict', '1.0.0', 'something else')
  const error = await rejects(publishOne(other), 'ERR_IMMUTABLE_TAG')
  assert.match(error.message, 'npm:@acme/conflict: 1.0.0')
  // Also where it comes between the plan and the write.
  const late = await destination(other)
  const options = { kind: 'immutable', content: createImage('a').content } as const
  await rejects(late.set('1.0.0', late.wanted(options.content), options), 'ERR_IMMUTABLE_TAG')
})

testWith(test, ['verdaccio'], 'latest goes forward by version, whatever comes first', async () => {
  for (const version of ['1.0.0', '2.0.0', '1.0.1', '2.1.0-rc.1'])
    await publishOne(pack('@acme/lines', version))
  const tags = { latest: '2.0.0', 'line-1.0': '1.0.1', 'line-2.0': '2.0.0', rc: '2.1.0-rc.1' }
  assert.equal(await view('@acme/lines', 'dist-tags'), tags)
})

testWith(test, ['verdaccio'], 'latest is put back when another destination fails', async () => {
  await publishOne(pack('@acme/back', '1.0.0'))
  const one = pack('@acme/back', '1.1.0')
  const npm = await destination(one)
  const content = createImage('a')
  await npm.set('1.1.0', npm.wanted(content.content), {
    kind: 'immutable',
    content: content.content,
  })
  const before = await npm.observe('latest')
  await npm.set('latest', npm.wanted(content.content), {
    kind: 'rolling',
    content: content.content,
  })
  assert.is(await npm.observe('latest'), npm.wanted(content.content))
  await npm.restore('latest', before)
  assert.is(await npm.observe('latest'), before)
})

testWith(test, ['verdaccio'], 'a file changed after it was packed is not published', async () => {
  const one = pack('@acme/changed', '1.0.0')
  appendFileSync(join(one.cwd, one.packed.filename), 'x')
  await rejects(publishOne(one), 'ERR_DIGEST_MISMATCH')
  assert.equal(await (await destination(one)).names(), [])
})

testWith(
  test,
  ['verdaccio'],
  'who may not publish learns it before anything is written',
  async () => {
    const one = pack('@acme/nobody', '1.0.0')
    const npm = await destination(one, 'nobody')
    const error = await rejects(npm.preflight(), 'ERR_UNAUTHORIZED')
    assert.is(error.outcome, 'unknown')
    const env = { ...(await started()).env('nobody'), ACTIONS_ID_TOKEN_REQUEST_URL: 'http://x' }
    const trusted = at(one, { env })
    await rejects(trusted.preflight(), 'ERR_DENIED')
    await publishOne(one)
    await trusted.preflight()
  },
)

testWith(
  test,
  ['verdaccio'],
  'where the CI is trusted, latest moves with the version',
  async () => {
    await publishOne(pack('@acme/trusted', '1.0.0'))
    const env = { ...(await started()).env(), ACTIONS_ID_TOKEN_REQUEST_URL: 'http://x' }
    const one = pack('@acme/trusted', '1.1.0')
    const content = createImage('a')
    const to = { npm: at(one, { env, exec: trusting }) }
    const plan = await planPublish(release('1.1.0'), content, { to })
    await publish(plan, { content, to, lockFolder })
    assert.equal(await view('@acme/trusted', 'dist-tags'), { latest: '1.1.0', 'line-1.0': '1.0.0' })
  },
)

testWith(test, ['verdaccio'], 'what only npm may read is read through npm', async () => {
  const one = pack('@acme/closed', '1.0.0')
  await publishOne(one)
  const closed: HttpClient = {
    request: async () => Promise.reject(new Error('closed')),
    close: async () => {},
  }
  const npm = at(one, { env: (await started()).env(), http: closed })
  assert.equal(await npm.names(), ['1.0.0'])
  assert.is(await npm.observe('latest'), npm.wanted(createImage('a').content))
  assert.is(await npm.observe('2.0.0'), undefined)
})

testWith(test, ['verdaccio'], 'a registry that does not answer is unknown, not empty', async () => {
  const one = pack('@acme/unknown', '1.0.0')
  const env = { ...(await started()).env(), NPM_CONFIG_FETCH_RETRIES: '0' }
  const npm = at(one, { env, registry: 'http://127.0.0.1:1/' })
  for (const ask of [() => npm.names(), () => npm.observe('1.0.0')])
    assert.is((await rejects(ask, 'ERR_UNKNOWN_STATE')).outcome, 'unknown')
})

test('what npm cannot have packed is refused', async () => {
  const packed = { name: 'a', version: '1.0.0', integrity: 'sha1-x', filename: 'a.tgz' }
  await rejects(() => npmPackages([packed]), 'ERR_INVALID_DIGEST')
  const { integrity } = pack('a', '1.0.0').packed
  await rejects(
    () => npmPackages([{ ...packed, integrity, version: '1.0' }]),
    'ERR_INVALID_VERSION',
  )
})

test.run()
