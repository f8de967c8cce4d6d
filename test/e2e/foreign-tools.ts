// Everything Waybill writes, read by the tools and registries of others: indexes, images, layouts, docker archives, artifacts.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, digestOf, type Descriptor } from '@waybill/core'
import { loadContent, mediaTypes, writeLayout } from '@waybill/oci'
import { repository } from '@waybill/registry'
import { startRegistry } from '@waybill/testkit'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { run, waybill } from '../helpers/cli.ts'
import { startCrane, startDockerRegistry } from '../helpers/docker-registry.ts'
import { createBase } from '../helpers/images.ts'
import { testWith, type ComponentName } from '../helpers/needs.ts'
import { createReleasedImage, publishWords, type ReleasedImage } from '../helpers/released-image.ts'
import { temporaryFolder } from '../helpers/temporary.ts'

const test = suite('read by other tools')
const folder = temporaryFolder('foreign')
const INSECURE = ['--src-tls-verify=false', '--dest-tls-verify=false']

async function ok(file: string, ...args: readonly string[]): Promise<string> {
  const result = await run(file, args)
  assert.is(result.code, 0, `${file} ${args.join(' ')}\n${result.stdout}${result.stderr}`)
  return result.stdout.trim()
}

// On a base of two platforms, with everything a configuration can hold.
const CONFIG = [
  ['--user', '65532:65532'],
  ['--env', 'A=ü "b"'],
  ['--port', '7701-7703'],
  ['--port', '53/udp'],
  ['--volume', '/data'],
  ['--workdir', '/data'],
  ['--stop-signal', 'SIGTERM'],
  ['--label', 'a=b'],
  ['--healthcheck', '{"test":["CMD","/usr/bin/app","-h"],"interval":30000}'],
  ['--annotation', 'org.example.note=ä'],
  ['--created', '2026-01-02T03:04:05Z'],
].flat()

let made: Promise<ReleasedImage> | undefined
const image = (): Promise<ReleasedImage> => (made ??= make())

async function make(): Promise<ReleasedImage> {
  const released = await createReleasedImage('foreign')
  const base = await createBase()
  await writeLayout(await loadContent(base.source, base.descriptor), join(folder, 'base'))
  const layout = join(folder, 'layout')
  const result = await assembled(released, ['amd64', 'arm64'], ['--out', layout, '--json'])
  return { ...released, layout, digest: String(result.json()['digest']) }
}

async function assembled(
  { artifacts }: ReleasedImage,
  architectures: readonly string[],
  more: readonly string[],
) {
  const binaries = architectures.flatMap((name) => [
    '--binary',
    `linux/${name}=${join(artifacts, `app-${name}`)}`,
  ])
  const words = ['image', ...binaries, '--base', join(folder, 'base'), '--path', '/usr/bin/app']
  const result = await waybill([...words, ...CONFIG, ...more])
  assert.is(result.code, 0, result.stderr + result.stdout)
  return result
}

/** Publishes the image and an artifact that refers to it. */
async function publishTo(address: string): Promise<{ digest: string; artifact: Descriptor }> {
  const released = await image()
  const words = publishWords(released, '1.2.3', [`${address}/acme/app`])
  const result = await waybill(words.map((word) => (word === '/app' ? '/usr/bin/app' : word)))
  assert.is(result.code, 0, result.stderr + result.stdout)
  return { digest: released.digest, artifact: await attach(`${address}/acme/app`) }
}

async function attach(name: string): Promise<Descriptor> {
  const target = repository(name)
  const push = async (mediaType: string, text: string): Promise<Descriptor> => {
    const descriptor = describe(mediaType, Buffer.from(text))
    await target.push(descriptor, async function* () {
      yield Buffer.from(text)
    })
    return descriptor
  }
  const { digest, mediaType, size } = await target.resolve('1.2.3')
  const manifest = {
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    artifactType: 'application/vnd.example.note',
    config: await push('application/vnd.oci.empty.v1+json', '{}'),
    layers: [await push('text/plain', 'a note')],
    subject: { mediaType, digest, size },
  }
  const pushed = await push(mediaTypes.manifest, JSON.stringify(manifest))
  const referrers = await target.referrers(digest)
  assert.equal(
    referrers.map((one) => one.digest),
    [pushed.digest],
  )
  return pushed
}

const registries: readonly (readonly [
  string,
  readonly ComponentName[],
  () => Promise<{ address: string; stop(): Promise<void> }>,
])[] = [
  ['the testkit', [], startTestkit],
  ['docker-registry', ['docker-registry'], () => startDockerRegistry('docker-registry')],
  ['distribution 3', ['distribution'], () => startDockerRegistry('registry')],
  ['crane registry serve', ['crane'], startCrane],
]

async function startTestkit(): Promise<{ address: string; stop(): Promise<void> }> {
  const registry = await startRegistry({ root: join(folder, 'testkit') })
  return { address: registry.address, stop: () => registry.close() }
}

for (const [name, needed, start] of registries) {
  const tools = [...needed, 'crane', 'skopeo', 'umoci', 'docker'] as const
  testWith(test, tools, `from ${name}: crane, skopeo, umoci, docker`, async () => {
    const registry = await start()
    try {
      const published = await publishTo(registry.address)
      await readAll(`${registry.address}/acme/app`, published)
    } finally {
      await registry.stop()
    }
  })
}

async function readAll(
  name: string,
  { digest, artifact }: { digest: string; artifact: Descriptor },
): Promise<void> {
  await ok('crane', 'validate', '--remote', `${name}:1.2.3`)
  await ok('crane', 'validate', '--remote', `${name}@${digest}`)
  assert.is(await ok('crane', 'digest', `${name}:latest`), digest)
  assert.is(digestOf(await ok('crane', 'manifest', `${name}@${artifact.digest}`)), artifact.digest)
  const raw = await ok('skopeo', 'inspect', '--tls-verify=false', '--raw', `docker://${name}:1.2`)
  assert.is(digestOf(raw), digest)
  const copy = join(temporaryFolder('copied'), 'layout')
  await ok('skopeo', 'copy', '--quiet', '--all', ...INSECURE, `docker://${name}:1`, `oci:${copy}:1`)
  const { artifacts } = await image()
  const checked = await waybill(['verify', copy, '--artifacts', artifacts, '--json'])
  assert.is(checked.code, 0, checked.stdout)
  assert.is((checked.json()['checked'] as unknown[]).length, 2)
  await runsInDocker(`${name}@${digest}`)
  await runsInDocker(`${name}:1.2.3`)
}

async function runsInDocker(name: string): Promise<void> {
  try {
    await ok('/usr/bin/docker', 'run', '--rm', '--network=none', name)
    const [found] = JSON.parse(await ok('/usr/bin/docker', 'inspect', name)) as [Inspected]
    assert.is(found.Config.User, '65532:65532')
    assert.equal(Object.keys(found.Config.ExposedPorts), [
      '53/udp',
      '7701/tcp',
      '7702/tcp',
      '7703/tcp',
    ])
    assert.equal(found.Config.Healthcheck, {
      Test: ['CMD', '/usr/bin/app', '-h'],
      Interval: 30_000_000_000,
    })
    assert.equal(found.Config.Volumes, { '/data': {} })
    assert.is(found.Config.StopSignal, 'SIGTERM')
    assert.ok(found.Config.Env.includes('A=ü "b"'))
  } finally {
    await run('/usr/bin/docker', ['rmi', '--force', name])
  }
}

interface Inspected {
  readonly Config: {
    readonly User: string
    readonly ExposedPorts: object
    readonly Healthcheck: object
    readonly Volumes: object
    readonly StopSignal: string
    readonly Env: readonly string[]
  }
}

testWith(test, ['crane', 'skopeo', 'umoci'], 'a layout: crane, skopeo, umoci', async () => {
  const { layout, digest, artifacts } = await image()
  const registry = await startTestkit()
  try {
    // crane takes the layout's own index for the image, and ours is in it.
    const name = `${registry.address}/copied/app`
    await ok('crane', 'push', '--index', layout, `${name}:1`)
    await ok('crane', 'validate', '--remote', `${name}:1`)
    await ok('crane', 'validate', '--remote', `${name}@${digest}`)
  } finally {
    await registry.stop()
  }
  const raw = await ok('skopeo', 'inspect', '--raw', `oci:${layout}`)
  assert.is(digestOf(raw), digest)
  for (const [architecture, variant] of [
    ['amd64', []],
    ['arm64', ['--override-variant', 'v8']],
  ] as const) {
    const single = join(temporaryFolder('single'), 'layout')
    const override = ['--override-arch', architecture, ...variant]
    await ok('skopeo', ...override, 'copy', '--quiet', `oci:${layout}`, `oci:${single}:x`)
    const bundle = join(temporaryFolder('umoci'), 'bundle')
    await ok('umoci', 'unpack', '--rootless', '--image', `${single}:x`, bundle)
    assert.equal(
      readFileSync(join(bundle, 'rootfs/usr/bin/app')),
      readFileSync(join(artifacts, `app-${architecture}`)),
    )
    assert.is(readFileSync(join(bundle, 'rootfs/etc/os-release'), 'utf8'), 'ID=test\n')
  }
})

testWith(
  test,
  ['crane', 'skopeo', 'docker'],
  'a docker archive: crane, skopeo, docker',
  async () => {
    const archive = join(folder, 'app.tar')
    const tag = `waybill-test/foreign:${process.pid}`
    await assembled(await image(), ['amd64'], ['--out', archive, '--reference', tag])
    await ok('crane', 'validate', '--tarball', archive)
    const found = JSON.parse(await ok('skopeo', 'inspect', `docker-archive:${archive}`)) as object
    assert.equal(Reflect.get(found, 'Architecture'), 'amd64')
    execFileSync('/usr/bin/docker', ['load', '--quiet', '--input', archive])
    await runsInDocker(tag)
  },
)

test.run()
