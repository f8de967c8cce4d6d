import { collect, type Artifact } from '@waybill/core'
import { readImages, type Image } from '@waybill/oci'
import { assemble, type AssembledImage, type AssembleOptions } from '@waybill/image'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { binaryArtifact, createBase, program, release, rootfs } from '../helpers/images.ts'
import { rejects } from '../helpers/rejects.ts'
import { temporaryFolder } from '../helpers/temporary.ts'

const test = suite('assemble')
const out = temporaryFolder('assemble')
const binaries: readonly Artifact[] = [
  await binaryArtifact(out, 'linux/amd64', program('amd64')),
  await binaryArtifact(out, 'linux/arm64', program('arm64')),
]

const make = async (options: Partial<AssembleOptions> = {}): Promise<AssembledImage> =>
  assemble(release, binaries, {
    base: await createBase(),
    path: '/usr/local/bin/hello',
    out,
    ...options,
  })

const members = async (image: Image): Promise<string[]> => {
  const found: string[] = []
  for await (const entry of image.layers.at(-1)!.entries())
    found.push(`${entry.type} ${entry.path} ${entry.mode.toString(8)} ${entry.mtime}`)
  return found
}

const first = async (options: Partial<AssembleOptions> = {}): Promise<Image> =>
  (await readImages((await make(options)).content))[0]!

test('makes an index of the platforms of the binaries, arm64 as the base calls it', async () => {
  const { images, descriptor } = await make()
  assert.equal(
    images.map(({ platform, layers }) => [platform, layers.length]),
    [
      ['linux/amd64', 2],
      ['linux/arm64', 2],
    ],
  )
  assert.is(descriptor.mediaType, 'application/vnd.oci.image.index.v1+json')
  const read = await readImages((await make()).content)
  assert.equal(read[1]!.platform, { os: 'linux', architecture: 'arm64', variant: 'v8' })
})

test('gives the same digest again, whatever the order of the binaries', async () => {
  const { descriptor } = await make()
  const again = await assemble(release, binaries.toReversed(), {
    base: await createBase(),
    path: '/usr/local/bin/hello',
    out,
  })
  assert.is(again.descriptor.digest, descriptor.digest)
})

test('adds the file and only the folders that the base lacks', async () => {
  assert.equal(await members(await first()), [
    'directory usr/local 755 1760000000',
    'directory usr/local/bin 755 1760000000',
    'file usr/local/bin/hello 755 1760000000',
  ])
  assert.equal(await members(await first({ path: '/usr/bin/hello' })), [
    'file usr/bin/hello 755 1760000000',
  ])
})

test('follows the links of the base, so that they stay', async () => {
  assert.equal(await members(await first({ path: '/bin/hello' })), [
    'file usr/bin/hello 755 1760000000',
  ])
  const image = await first({ path: '/bin/tools/hello' })
  assert.equal(await members(image), [
    'directory usr/bin/tools 755 1760000000',
    'file usr/bin/tools/hello 755 1760000000',
  ])
  assert.equal(image.config.config.Entrypoint, ['/bin/tools/hello'])
})

test('builds upon scratch', async () => {
  const image = await first({ base: 'scratch', path: '/hello' })
  assert.equal(await members(image), ['file hello 755 1760000000'])
  assert.is(image.manifest.annotations?.['org.opencontainers.image.base.digest'], undefined)
})

test('refuses a path that the base has otherwise', async () => {
  await rejects(make({ path: '/etc' }), 'ERR_PATH_TAKEN')
  await rejects(make({ path: '/etc/os-release/hello' }), 'ERR_PATH_TAKEN')
  for (const path of ['hello', '/a/../b', '/a//b', '/', '/a/', '/a/.wh.b', '/a\0'])
    await rejects(make({ path }), 'ERR_INVALID_CONFIG')
})

test('lays the configuration asked for over that of the base', async () => {
  const config = {
    User: '0',
    Env: ['PATH=/bin', 'A=1'],
    Cmd: ['sh'],
    Labels: { 'org.opencontainers.image.title': 'base', keep: 'yes' },
    ExposedPorts: { '80/tcp': {} },
    WorkingDir: '/',
    Shell: ['/bin/sh'],
  }
  const base = await createBase([{ platform: 'linux/amd64', layers: [rootfs], config }])
  const image = await assemble(release, binaries.slice(0, 1), {
    base,
    path: '/usr/bin/hello',
    out,
    source: 'https://example.org/hello',
    config: {
      user: '65532:65532',
      env: { A: '2', B: '3' },
      cmd: ['--host', '0.0.0.0'],
      exposedPorts: ['7701-7703', 53, '53/udp'],
      volumes: ['/data'],
      workingDir: '/data',
      labels: { 'org.opencontainers.image.version': 'mine', x: 'config' },
      stopSignal: 'SIGINT',
      healthcheck: { test: ['/usr/bin/hello', 'health'], interval: 5000, retries: 3 },
    },
    labels: { x: 'call' },
  })
  const [{ config: made }] = (await readImages(image.content)) as [Image]
  assert.equal(made.config, {
    Cmd: ['--host', '0.0.0.0'],
    Entrypoint: ['/usr/bin/hello'],
    Env: ['PATH=/bin', 'A=2', 'B=3'],
    ExposedPorts: {
      '53/tcp': {},
      '53/udp': {},
      '7701/tcp': {},
      '7702/tcp': {},
      '7703/tcp': {},
      '80/tcp': {},
    },
    Healthcheck: {
      Interval: 5_000_000_000,
      Retries: 3,
      Test: ['CMD', '/usr/bin/hello', 'health'],
    },
    Labels: {
      keep: 'yes',
      'org.opencontainers.image.base.digest': base.descriptor.digest,
      'org.opencontainers.image.base.name': 'registry.example/base:1',
      'org.opencontainers.image.created': '2025-10-09T08:53:20Z',
      'org.opencontainers.image.revision': release.commit,
      'org.opencontainers.image.source': 'https://example.org/hello',
      'org.opencontainers.image.version': 'mine',
      x: 'call',
    },
    Shell: ['/bin/sh'],
    StopSignal: 'SIGINT',
    User: '65532:65532',
    Volumes: { '/data': {} },
    WorkingDir: '/data',
  })
  assert.is(made.created, '2025-10-09T08:53:20Z')
  assert.is(made.history.length, 2)
})

test('refuses a configuration that no engine would take', async () => {
  const bad = [
    { exposedPorts: ['0'] },
    { exposedPorts: ['9-3'] },
    { exposedPorts: ['70000'] },
    { volumes: ['data'] },
    { workingDir: 'data' },
    { stopSignal: 'term please' },
    { env: { 'A=B': 'c' } },
    { healthcheck: { test: 'x', retries: -1 } },
  ]
  for (const config of bad) await rejects(make({ config }), 'ERR_INVALID_CONFIG')
})

test('reads no base layer when its content is only described, and every one when it is asked for', async () => {
  const image = await make()
  for (const { descriptor } of [...image.content.blobs, ...image.content.manifests])
    await collect(image.content.read(descriptor), 1e8, 'test')
})

test('refuses binaries of the wrong platform, none, two, and a base without a digest', async () => {
  const [amd64, arm64] = binaries as [Artifact, Artifact]
  const options = { base: 'scratch', path: '/hello', out } as const
  const swapped = [
    { ...amd64, platform: 'linux/arm64' },
    { ...arm64, platform: 'linux/amd64' },
  ]
  const error = await rejects(assemble(release, swapped, options), 'ERR_WRONG_PLATFORM')
  assert.match(error.message, /expected an executable for linux\/amd64, found one for linux\/arm64/)
  await rejects(assemble(release, [], options), 'ERR_NO_BINARIES')
  await rejects(assemble(release, [amd64, amd64], options), 'ERR_AMBIGUOUS_ARTIFACT')
  const base = { reference: 'x:latest' } as never
  await rejects(assemble(release, [amd64], { ...options, base }), 'ERR_FLOATING_BASE')
})

test('refuses a base without the platform, naming those it has', async () => {
  const base = await createBase([{ platform: 'linux/s390x', layers: [rootfs] }])
  const error = await rejects(make({ base }), 'ERR_PLATFORM_MISSING')
  assert.match(error.message, /linux\/s390x/)
})

test('refuses a binary that changed after it was named', async () => {
  const folder = temporaryFolder()
  const artifact = await binaryArtifact(folder, 'linux/amd64', program('amd64'))
  await binaryArtifact(folder, 'linux/amd64', program('amd64', 'jello'))
  const error = await rejects(
    assemble(release, [artifact], { base: 'scratch', path: '/hello', out: folder }),
    'ERR_DIGEST_MISMATCH',
  )
  assert.match(error.message, /linux-amd64\/hello: expected sha256:.*found sha256:/)
})

test.run()
