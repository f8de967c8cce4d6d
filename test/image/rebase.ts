import { readImages } from '@waybill/oci'
import { rebase, assemble, checkIdentity, proveIdentity, type AssembledImage } from '@waybill/image'
import { planPublish, publish } from '@waybill/publish'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createDestination } from '../helpers/destination.ts'
import { binaryArtifact, createBase, file, program, release, rootfs } from '../helpers/images.ts'
import { rejects } from '../helpers/rejects.ts'
import { temporaryFolder } from '../helpers/temporary.ts'

const test = suite('rebase')
const out = temporaryFolder('rebase')
const binaries = [
  await binaryArtifact(out, 'linux/amd64', program('amd64')),
  await binaryArtifact(out, 'linux/arm64', program('arm64')),
]

const newer = [...rootfs, file(Buffer.from('patched'), 'usr/lib/libfixed')]
const newBase = () =>
  createBase([
    { platform: 'linux/amd64', layers: [newer], config: { Env: ['PATH=/bin', 'NEW=1'] } },
    { platform: 'linux/arm64', layers: [newer], config: { Env: ['PATH=/bin', 'NEW=1'] } },
  ])

const original = async (): Promise<AssembledImage> =>
  assemble(release, binaries, {
    base: await createBase(),
    path: '/usr/local/bin/hello',
    out,
    config: {
      user: '65532',
      env: { A: '1' },
      exposedPorts: ['80'],
      healthcheck: { test: ['/x'], interval: 1500 },
    },
    annotations: { team: 'tools' },
  })

test('keeps the binary, its layer and how it runs, and takes the new base', async () => {
  const before = await original()
  const base = await newBase()
  const after = await rebase(before.content, { base })
  assert.is.not(after.descriptor.digest, before.descriptor.digest)
  for (const [index, { layers }] of after.images.entries())
    assert.equal(layers.at(-1), before.images[index]!.layers.at(-1))
  const [old] = await readImages(before.content)
  const [image] = await readImages(after.content)
  assert.equal(image!.config.config.Env, ['PATH=/bin', 'NEW=1', 'A=1'])
  for (const name of ['User', 'Entrypoint', 'ExposedPorts', 'Healthcheck'])
    assert.equal(image!.config.config[name], old!.config.config[name], name)
  assert.is(image!.config.created, old!.config.created)
  const labels = image!.config.config.Labels!
  assert.is(labels['org.opencontainers.image.version'], '0.4.2')
  assert.is(labels['org.opencontainers.image.base.digest'], base.descriptor.digest)
  assert.is(image!.manifest.annotations!['team'], 'tools')
  assert.ok((await checkIdentity(after, binaries, { out })).ok)
})

test('gives the same digest twice, and the old one upon the old base', async () => {
  const before = await original()
  const base = await newBase()
  const twice = await Promise.all([1, 2].map(() => rebase(before.content, { base })))
  assert.is(twice[0]!.descriptor.digest, twice[1]!.descriptor.digest)
  const back = await rebase(twice[0]!.content, { base: await createBase() })
  assert.is((await readImages(back.content))[0]!.config.rootfs.diff_ids.length, 2)
  const same = await rebase(before.content, { base: await createBase() })
  assert.is(same.descriptor.digest, before.descriptor.digest)
})

test('is published under a tag of its own, and moves none', async () => {
  const to = { hub: createDestination('docker.io/acme/hello') }
  const before = await original()
  const proven = await proveIdentity(before, binaries, { out })
  const first = await planPublish(release, proven, { to })
  await publish(first, { content: proven, to, lockFolder: temporaryFolder('locks') })
  const released = new Map(to.hub.tags)
  const rebased = await rebase(before.content, { base: await newBase() })
  const again = await proveIdentity(rebased, binaries, { out, path: '/usr/local/bin/hello' })
  const plan = await planPublish({ version: '0.4.2-r1' }, again, { to })
  await publish(plan, { content: again, to, lockFolder: temporaryFolder('locks') })
  assert.is(to.hub.tags.get('0.4.2-r1'), rebased.descriptor.digest)
  for (const [tag, digest] of released) assert.is(to.hub.tags.get(tag), digest, tag)
  assert.is(to.hub.tags.size, released.size + 1)
})

test('refuses an image without the binary', async () => {
  const before = await original()
  await rejects(rebase(before.content, { base: 'scratch', path: '/no' }), 'ERR_FILE_MISSING')
})

test.run()
