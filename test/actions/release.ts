// The everyday actions, one job after the other, each from a checkout of its own: setup, gate, the cells, release.
import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { startForge, startRegistry, type TestRegistry } from '@waybill/testkit'
import { closingAfter } from '../helpers/closing.ts'
import { createJob, type StepResult } from '../helpers/action.ts'
import { createReleasable, type Releasable } from '../helpers/releasable.ts'
import { buildParts } from '../helpers/parts.ts'
import { tagsOf } from '../helpers/registry-process.ts'
import { temporaryFolder } from '../helpers/temporary.ts'

const test = suite('everyday actions')
const closing = closingAfter(test)

async function createWorld(
  page?: string,
): Promise<{ registries: TestRegistry[]; app: Releasable }> {
  const registries = [await closing(startRegistry()), await closing(startRegistry())]
  return {
    registries,
    app: createReleasable(
      registries.map(({ address }) => address),
      page,
    ),
  }
}

interface Cell {
  readonly id: string
  readonly platform: string
}

const cellsOf = (gate: StepResult): readonly Cell[] =>
  (JSON.parse(gate.outputs['matrix']!) as { include: readonly Cell[] }).include

test('gate, two cells and release: ten tags, the git tag, one digest; again: unchanged', async () => {
  const { registries, app } = await createWorld()
  const gate = await createJob(app.checkout()).step('gate')
  assert.is(gate.code, 0, gate.log)
  const { release, version, tag, commit, cells, reasons } = gate.outputs
  assert.equal(
    { release, version, tag, cells },
    {
      release: 'true',
      version: '0.1.0',
      tag: 'app-v0.1.0',
      cells: '2',
    },
  )
  assert.is(commit, app.repository.git('rev-parse', 'HEAD'))
  assert.match(reasons!, 'feat(app): the first')
  assert.match(gate.summary, 'app 0.1.0 is due')
  assert.equal(
    cellsOf(gate).map(({ platform }) => platform),
    ['linux/amd64', 'linux/arm64'],
  )
  const parts = await buildParts(
    app,
    cellsOf(gate).map(({ id }) => id),
  )
  const job = createJob(app.checkout())
  const first = await job.step('release', { parts })
  assert.is(first.code, 0, first.log)
  assert.is(first.outputs['outcome'], 'released')
  assert.match(first.outputs['digest']!, /^sha256:[0-9a-f]{64}$/)
  const receipt = JSON.parse(
    readFileSync(join(job.workspace, first.outputs['receipt']!), 'utf8'),
  ) as { subject: string }
  assert.is(receipt.subject, first.outputs['digest'])
  assert.match(readFileSync(join(job.workspace, first.outputs['report']!), 'utf8'), receipt.subject)
  for (const words of ['Proof of identity', 'identical', '| Names |'.slice(2, 7), 'feat(app)'])
    assert.match(first.summary, words)
  for (const { address } of registries)
    assert.equal((await tagsOf(address, 'acme/app')).toSorted(), [
      '0.1',
      '0.1.0',
      'latest',
      `sha-${commit!.slice(0, 7)}`,
    ])
  assert.is(app.repository.git('ls-remote', '--tags', app.remote).includes('app-v0.1.0'), true)
  const again = await createJob(app.checkout()).step('release', { parts })
  assert.is(again.code, 0, again.log)
  assert.is(again.outputs['outcome'], 'unchanged')
  assert.is(again.outputs['digest'], first.outputs['digest'])
})

test('nothing to release is green, says why, and sets every output', async () => {
  const { app } = await createWorld()
  const parts = await buildParts(app)
  assert.is((await createJob(app.checkout()).step('release', { parts })).code, 0)
  app.repository.commit({ message: 'ci: elsewhere', files: { 'app/ci': '1' } })
  app.repository.git('push', '--quiet', 'origin', 'main')
  const gate = await createJob(app.checkout()).step('gate')
  assert.is(gate.code, 0, gate.log)
  const { reasons, plan, ...rest } = gate.outputs
  assert.equal(rest, {
    release: 'false',
    version: '',
    tag: '',
    commit: '',
    matrix: '{"include":[]}',
    cells: '0',
  })
  assert.match(reasons!, 'ci: elsewhere')
  assert.equal((JSON.parse(plan!) as { releases: unknown[] }).releases, [])
  assert.match(gate.log, 'nothing to release')
  const build = await createJob(app.checkout()).step('build')
  assert.is(build.code, 0, build.log)
  assert.equal(build.outputs, { path: '', artifacts: '[]' })
  const release = await createJob(app.checkout()).step('release', { parts: temporaryFolder() })
  assert.is(release.code, 0, release.log)
  assert.equal(release.outputs, {
    outcome: 'nothing',
    version: '',
    digest: '',
    'release-url': '',
    receipt: '',
    report: '',
  })
  assert.match(release.summary, 'nothing to release')
})

for (const draft of [false, true])
  test(`release-url leads to the ${draft ? 'draft' : 'page'} at the forge's own address`, async () => {
    const { app } = await createWorld(`{ forge: github, draft: ${draft} }`)
    const forge = await closing(startForge({ repositories: { 'acme/app': { git: app.remote } } }))
    const env = { GITHUB_API_URL: forge.api, GITHUB_REPOSITORY: 'acme/app' }
    for (const outcome of ['released', 'unchanged']) {
      const { outputs, log } = await createJob(app.checkout(), env).step('release', { token: 'x' })
      assert.is(outputs['outcome'], outcome, log)
      const [made] = forge.repository('acme/app')!.releases
      const at = draft ? `untagged-${made!.id}` : 'app-v0.1.0'
      assert.is(outputs['release-url'], `http://${forge.address}/acme/app/releases/tag/${at}`)
    }
  })

test('a dry run writes nothing outside and shows the plan', async () => {
  const { registries, app } = await createWorld()
  const result = await createJob(app.checkout()).step('release', { 'dry-run': 'true' })
  assert.is(result.code, 0, result.log)
  assert.is(result.outputs['outcome'], 'planned')
  assert.is(result.outputs['receipt'], '')
  assert.match(result.log, /plan sha256:/)
  for (const { address, requests } of registries) {
    assert.equal(await tagsOf(address, 'acme/app'), [])
    assert.not.ok(requests.some(({ method }) => method === 'PUT'))
  }
})

test('a blocked release fails with annotations at what must be mended, and sets every output', async () => {
  const { app } = await createWorld()
  app.repository.commit({
    message: 'feat(app): more\n\nRelease-As: nonsense',
    files: { 'app/b': '1' },
  })
  app.repository.git('push', '--quiet', 'origin', 'main')
  for (const name of ['gate', 'plan', 'build', 'release', 'version']) {
    const result = await createJob(app.checkout()).step(name)
    assert.is(result.code, 1, `${name}: ${result.log}`)
    const errors = result.annotations.filter(({ level }) => level === 'error')
    assert.ok(
      errors.some(({ message }) => message.includes('nonsense')),
      `${name}: ${result.log}`,
    )
    assert.ok(
      errors.some(({ message }) => message.includes('blocked')),
      name,
    )
    assert.ok(Object.keys(result.outputs).length > 1, name)
  }
})

test('a cell that was not brought along is named', async () => {
  const { app } = await createWorld()
  const parts = await buildParts(app, ['app-linux-amd64'])
  for (const folder of [parts, join(parts, 'nowhere')]) {
    const result = await createJob(app.checkout()).step('release', { parts: folder })
    assert.is(result.code, 1, result.log)
    assert.is(result.annotations[0]?.properties['title'], 'ERR_CELL_MISSING')
    assert.match(result.annotations[0]!.message, 'app-linux-arm64')
    assert.match(result.annotations[0]!.message, 'Run these cells')
  }
})

test('a file of certificates that is not there, and a folder that is none, are named', async () => {
  const { app } = await createWorld()
  const ca = await createJob(app.checkout()).step('release', { 'ca-file': 'none.pem' })
  const at = await createJob(app.checkout()).step('gate', { 'working-directory': 'waybill.yaml' })
  const last = [ca, at].map(({ annotations }) => annotations.at(-1))
  assert.equal(
    last.map((annotation) => annotation?.properties['title']),
    ['ERR_FILE_MISSING', 'ERR_USAGE'],
  )
  assert.match(last[0]!.message, 'none.pem')
  assert.match(last[1]!.message, 'Input "working-directory"')
})

test('a mistake in the definition is shown at its line', async () => {
  const { app } = await createWorld()
  app.repository.commit({
    message: 'feat: x',
    files: {
      'waybill.yaml':
        'schemaVersion: 1\ncomponents:\n  app: { path: app, tag: "v{version}", bilds: [] }\n',
    },
  })
  app.repository.git('push', '--quiet', 'origin', 'main')
  const result = await createJob(app.checkout()).step('gate')
  assert.is(result.code, 1)
  const [at] = result.annotations
  assert.is(at?.properties['file'], 'waybill.yaml')
  assert.is(at?.properties['line'], '3')
  assert.match(at!.message, 'builds')
})

test('setup keeps credentials for the steps after it and for no longer', async () => {
  const auth = { users: { me: 'a password' } }
  const registry = await closing(startRegistry({ auth }))
  const app = createReleasable([registry.address])
  const job = createJob(app.checkout())
  const refused = await job.step('release')
  assert.is(refused.code, 1)
  const why = refused.annotations.find(({ level }) => level === 'error')
  assert.match(why?.message ?? '', /401/, refused.log)
  const setup = await job.step('setup', { credentials: `${registry.address} me a password\n` })
  assert.is(setup.code, 0, setup.log)
  assert.ok(setup.masks.includes('a password'))
  const folder = setup.outputs['docker-config']!
  assert.is(job.env['DOCKER_CONFIG'], folder)
  assert.ok(folder.startsWith(job.temp))
  assert.is(statSync(join(folder, 'config.json')).mode & 0o777, 0o600)
  const released = await job.step('release')
  assert.is(released.code, 0, released.log)
  const state = Object.entries(setup.state).map(([key, value]) => [`STATE_${key}`, value])
  await job.step('setup-post', {}, { env: Object.fromEntries(state) as Record<string, string> })
  assert.not.ok(existsSync(folder))
})

test('setup says which registry refuses, and cleans up all the same', async () => {
  const registry = await closing(startRegistry({ auth: { users: { me: 'right' } } }))
  const job = createJob(temporaryFolder())
  const setup = await job.step('setup', { credentials: `${registry.address} me wrong` })
  assert.is(setup.code, 1)
  assert.match(setup.annotations[0]!.message, `Input "credentials", ${registry.address}`)
  assert.is(job.env['DOCKER_CONFIG'], undefined)
  assert.ok(setup.state['folder']!.startsWith(job.temp))
})

test.run()
