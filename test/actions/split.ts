// A release with a job a stage: gate, the cells, image, verify, publish; each job gets what the one before uploaded, and nothing else.
import { cpSync, existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { startRegistry } from '@waybill/testkit'
import { createJob, type StepResult, type TestJob } from '../helpers/action.ts'
import { closingAfter } from '../helpers/closing.ts'
import { buildParts } from '../helpers/parts.ts'
import { tagsOf } from '../helpers/registry-process.ts'
import { createReleasable, type Releasable } from '../helpers/releasable.ts'
import { temporaryFolder } from '../helpers/temporary.ts'

const test = suite('splitting actions')
const closing = closingAfter(test)
const app = createReleasable(['127.0.0.1:1'])
const PATH = '/app'

/** The folder `dist` as the image job uploads it. */
interface Built {
  readonly dist: string
  readonly gate: Readonly<Record<string, string>>
  readonly image: StepResult
}

let made: Promise<Built> | undefined
const built = (): Promise<Built> => (made ??= build(app))

async function build(from: Releasable): Promise<Built> {
  const { outputs: gate } = await createJob(from.checkout()).step('gate', { component: 'app' })
  const job = createJob(from.checkout())
  const joined = await job.step('build', { join: await buildParts(from), component: 'app' })
  assert.is(joined.code, 0, joined.log)
  const names = (JSON.parse(joined.outputs['artifacts']!) as { name: string }[]).map(
    ({ name }) => name,
  )
  assert.ok(names.includes('SHA256SUMS') && names.includes('app'), names.join(' '))
  const image = await job.step('image', {
    binaries: 'linux/amd64=dist/linux-amd64/app\nlinux/arm64=dist/linux-arm64/app\n',
    base: 'scratch',
    path: PATH,
    version: gate['version']!,
    commit: gate['commit']!,
    env: 'A=1\nB=two words',
    ports: '8080/tcp',
    cmd: '["--fast", "a b"]',
  })
  assert.is(image.code, 0, image.log)
  return { dist: join(job.workspace, 'dist'), gate, image }
}

/** A job that has the uploaded folder and no repository. */
async function jobWithDist(): Promise<TestJob> {
  const job = createJob(temporaryFolder('job'))
  cpSync((await built()).dist, join(job.workspace, 'dist'), { recursive: true })
  return job
}

const VERIFY = { image: 'dist/image', artifacts: 'dist', path: PATH }

test('image: a layout with what was asked for', async () => {
  const { image, dist } = await built()
  assert.match(image.outputs['digest']!, /^sha256:/)
  assert.is(image.outputs['layout'], 'dist/image')
  assert.ok(existsSync(join(dist, 'image/oci-layout')))
  const blobs = join(dist, 'image/blobs/sha256')
  const configs = readdirSync(blobs).flatMap((name) => {
    const text = readFileSync(join(blobs, name), 'utf8')
    return text.includes('"rootfs"') ? [JSON.parse(text) as { config: object }] : []
  })
  assert.is(configs.length, 2)
  for (const { config } of configs) {
    const { Env, Cmd, Entrypoint, ExposedPorts } = config as Record<string, unknown>
    assert.ok((Env as string[]).includes('B=two words'))
    assert.equal(
      { Cmd, Entrypoint, ExposedPorts },
      { Cmd: ['--fast', 'a b'], Entrypoint: ['/app'], ExposedPorts: { '8080/tcp': {} } },
    )
  }
})

test('verify: every platform holds; a changed file does not, and fails with a finding', async () => {
  const job = await jobWithDist()
  const right = await job.step('verify', VERIFY)
  assert.is(right.code, 0, right.log)
  assert.is(right.outputs['ok'], 'true')
  const checked = JSON.parse(right.outputs['checked']!) as { platform: string }[]
  assert.equal(checked.map(({ platform }) => platform).toSorted(), ['linux/amd64', 'linux/arm64'])
  assert.match(right.summary, 'Proof of identity')
  const other = await jobWithDist()
  const archive = readdirSync(join(other.workspace, 'dist')).find((name) =>
    name.endsWith('.tar.gz'),
  )
  writeFileSync(join(other.workspace, 'dist', archive!), 'nothing')
  const wrong = await other.step('verify', VERIFY)
  assert.is(wrong.code, 1, wrong.log)
  assert.ok(wrong.annotations.some(({ level }) => level === 'error'))
})

test('publish: a dry run gives the plan’s digest, and only that plan is published; again: unchanged', async () => {
  const { gate, image } = await built()
  const registries = [await closing(startRegistry()), await closing(startRegistry())]
  const inputs = {
    ...VERIFY,
    version: gate['version']!,
    commit: gate['commit']!,
    to: registries.map(({ address }) => `${address}/acme/app`).join('\n'),
  }
  const job = await jobWithDist()
  const planned = await job.step('publish', { ...inputs, 'dry-run': 'true' })
  assert.is(planned.code, 0, planned.log)
  assert.is(planned.outputs['outcome'], 'planned')
  assert.is(planned.outputs['receipt'], '')
  assert.equal(await tagsOf(registries[0]!.address, 'acme/app'), [])
  const foreign = await job.step('publish', {
    ...inputs,
    'plan-digest': `sha256:${'0'.repeat(64)}`,
  })
  assert.is(foreign.code, 1)
  assert.is(foreign.annotations.at(-1)?.properties['title'], 'ERR_PLAN_MISMATCH')
  const published = await job.step('publish', {
    ...inputs,
    'plan-digest': planned.outputs['plan']!,
  })
  assert.is(published.code, 0, published.log)
  assert.is(published.outputs['outcome'], 'released')
  assert.is(published.outputs['digest'], image.outputs['digest'])
  assert.is(published.outputs['plan'], planned.outputs['plan'])
  const receipt = JSON.parse(
    readFileSync(join(job.workspace, published.outputs['receipt']!), 'utf8'),
  ) as { plan: string }
  assert.is(receipt.plan, published.outputs['plan'])
  for (const { address } of registries) assert.is((await tagsOf(address, 'acme/app')).length, 4)
  const again = await (await jobWithDist()).step('publish', inputs)
  assert.is(again.outputs['outcome'], 'unchanged', again.log)
})

test('publish: without a proof it refuses and names what to give', async () => {
  const { annotations } = await (
    await jobWithDist()
  ).step('publish', {
    image: 'dist/image',
    version: '1.0.0',
    to: '127.0.0.1:1/acme/app',
  })
  assert.match(annotations[0]!.message, 'one of artifacts, waive-identity must be given')
})

test('version: plans and edits manifests', async () => {
  const repository = createReleasable(['127.0.0.1:1'])
  const definition = readFileSync(join(repository.repository.path, 'waybill.yaml'), 'utf8')
  repository.repository.commit({
    message: 'feat(app): carry a version',
    files: {
      'waybill.yaml': definition.replace('    tag:', '    versionFiles: [version.json]\n    tag:'),
      'app/version.json': '{ "version": "0.0.0" }\n',
    },
  })
  repository.repository.git('push', '--quiet', 'origin', 'main')
  const job = createJob(repository.checkout())
  const planned = await job.step('version')
  assert.is(planned.code, 0, planned.log)
  assert.is(planned.outputs['release'], 'true')
  const file = join(job.workspace, 'app/version.json')
  assert.match(readFileSync(file, 'utf8'), '0.0.0')
  const applied = await job.step('version', { apply: 'true' })
  assert.is(applied.code, 0, applied.log)
  assert.match(applied.outputs['files']!, 'app/version.json')
  assert.match(readFileSync(file, 'utf8'), '"0.1.0"')
})

test('lint: says what is wrong with a title, and where it bumps', async () => {
  const job = createJob(temporaryFolder())
  const right = await job.step('lint', { title: 'feat(app)!: faster', body: 'so it is' })
  assert.equal([right.code, right.outputs['ok'], right.outputs['bump']], [0, 'true', 'major'])
  const wrong = await job.step('lint', { title: 'made it faster', body: '' })
  assert.equal([wrong.code, wrong.outputs['ok']], [1, 'false'])
  assert.match(wrong.annotations[0]!.message, 'made it faster')
})

test('lint: a title of anybody is no command to the runner', async () => {
  const job = createJob(temporaryFolder())
  for (const title of ['::warning::told', 'fix: a\n  ::warning::told', 'fix: ##[warning]told']) {
    const { log, annotations } = await job.step('lint', { title, body: '' })
    assert.match(log, 'told')
    assert.not.match(log, /^\s*::warning|##\[/m)
    assert.not.ok(annotations.some(({ level }) => level === 'warning'))
  }
})

test.run()
