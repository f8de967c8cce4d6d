// Images that mean one thing to Waybill and another to docker and skopeo are neither verified nor published, nor built upon.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { startRegistry, type TestRegistry, type RegistryOptions } from '@waybill/testkit'
import { AMBIGUOUS_CASES, add, atEnd } from '../helpers/ambiguous-cases.ts'
import { changedLayout } from '../helpers/changed-layout.ts'
import { run, waybill } from '../helpers/cli.ts'
import { testWith } from '../helpers/needs.ts'
import { createReleasedImage, publishWords, type ReleasedImage } from '../helpers/released-image.ts'
import { temporaryFolder } from '../helpers/temporary.ts'

const test = suite('ambiguous images')
let made: Promise<ReleasedImage> | undefined
const image = (): Promise<ReleasedImage> => (made ??= createReleasedImage('ambiguous'))

const open: TestRegistry[] = []
async function opened(options: RegistryOptions = {}): Promise<TestRegistry> {
  const registry = await startRegistry(options)
  open.push(registry)
  return registry
}
test.after(async () => {
  for (const { close } of open) await close()
})

for (const { level, what, change, says } of AMBIGUOUS_CASES)
  test(`${level}: ${what}: neither verified nor published`, async () => {
    const released = await image()
    const layout = changedLayout(released.layout, level, change)
    const registry = await opened({ ambiguous: true })
    const verify = ['verify', layout, '--artifacts', released.artifacts, '--path', '/app', '--json']
    const publish = publishWords({ ...released, layout }, '1.0.0', [`${registry.address}/acme/app`])
    for (const result of await Promise.all([verify, publish].map((words) => waybill(words)))) {
      assert.is(result.code, 1, result.stderr + result.stdout)
      const { error } = result.json() as { error: { code: string; message: string } }
      assert.is(error.code, 'ERR_AMBIGUOUS_JSON', error.message)
      assert.match(error.message, says)
    }
    assert.equal(
      registry.requests.filter(({ method }) => !['GET', 'HEAD'].includes(method)),
      [],
    )
  })

test('labels and annotations that differ in case are data, and are published', async () => {
  const released = await image()
  const labels = changedLayout(released.layout, 'config', add('"Entrypoint"', '"Env":["A=1"],'))
  const layout = changedLayout(
    labels,
    'manifest',
    add('"org.opencontainers.image.created"', '"a":"1","A":"2","layers":"3","Layers":"4",'),
  )
  const registry = await opened()
  const result = await waybill(
    publishWords({ ...released, layout }, '1.0.0', [`${registry.address}/acme/app`]),
  )
  assert.is(result.code, 0, result.stderr + result.stdout)
})

test('the test registry refuses such manifests, unless it is to take them as most registries do', async () => {
  const { layout } = await image()
  const text = readFileSync(join(layout, 'index.json'), 'utf8').replace(
    /\}\s*$/,
    ',"Manifests":[]}',
  )
  for (const [ambiguous, status] of [
    [false, 400],
    [true, 201],
  ] as const) {
    const registry = await opened({ ambiguous, sparse: true })
    const answer = await fetch(`http://${registry.address}/v2/a/b/manifests/latest`, {
      method: 'PUT',
      body: text,
      headers: { 'content-type': 'application/vnd.oci.image.index.v1+json' },
    })
    assert.is(answer.status, status)
    if (status === 400) assert.match(await answer.text(), /MANIFEST_INVALID.*Manifests/)
  }
})

const EVIL = '["/evil"]'
const entrypoint = AMBIGUOUS_CASES[0]!

testWith(
  test,
  ['skopeo'],
  'skopeo reads the other entrypoint, and layers of the last list',
  async () => {
    const released = await image()
    const one = changedLayout(released.layout, 'config', entrypoint.change)
    const config = await run('skopeo', [
      '--override-arch',
      'amd64',
      'inspect',
      '--config',
      `oci:${one}`,
    ])
    assert.is(config.code, 0, config.stderr)
    assert.equal((config.json()['config'] as { Entrypoint: unknown }).Entrypoint, ['/evil'])
    const two = changedLayout(released.layout, 'manifest', atEnd('"Layers":[]'))
    const layers = await run('skopeo', ['--override-arch', 'amd64', 'inspect', `oci:${two}`])
    assert.equal(layers.json()['Layers'] ?? [], [])
  },
)

testWith(
  test,
  ['skopeo', 'docker'],
  'docker runs the other entrypoint of a docker archive, which is not read here',
  async () => {
    const released = await image()
    const layout = changedLayout(released.layout, 'config', entrypoint.change)
    const archive = join(temporaryFolder('ambiguous'), 'image.tar')
    const name = 'waybill-test-json:evil'
    const copied = await run('skopeo', [
      '--override-arch',
      'amd64',
      'copy',
      `oci:${layout}`,
      `docker-archive:${archive}:${name}`,
    ])
    assert.is(copied.code, 0, copied.stderr)
    assert.is((await run('/usr/bin/docker', ['load', '--input', archive])).code, 0)
    const said = await run('/usr/bin/docker', [
      'inspect',
      '--format',
      '{{json .Config.Entrypoint}}',
      name,
    ])
    await run('/usr/bin/docker', ['rmi', name])
    assert.is(said.stdout.trim(), EVIL, said.stderr)
    const result = await waybill(['inspect', archive, '--json'])
    const verified = await waybill(['verify', archive, '--artifacts', released.artifacts, '--json'])
    assert.match(verified.stdout, /ERR_AMBIGUOUS_JSON/, result.stdout)
  },
)

test.run()
