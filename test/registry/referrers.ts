// What refers to an image is found again, whether the registry lists it or its clients have to.
import { describe, type Descriptor } from '@waybill/core'
import { mediaTypes } from '@waybill/oci'
import { destination, repository, type Repository } from '@waybill/registry'
import { profileNames, startRegistry, type TestRegistry } from '@waybill/testkit'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { closingAfter } from '../helpers/closing.ts'
import { testImage } from '../helpers/image.ts'

const test = suite('referrers')
const opened = closingAfter(test)
const image = testImage()
const { digest, mediaType, size } = image.subject
const FALLBACK = digest.replace(':', '-')

async function push(target: Repository, type: string, text: string): Promise<Descriptor> {
  const descriptor = describe(type, Buffer.from(text))
  await target.push(descriptor, async function* () {
    yield Buffer.from(text)
  })
  return descriptor
}

/** An artifact that refers to the image, told apart by a note. */
async function attach(target: Repository, note: string, more: object = {}): Promise<Descriptor> {
  const config = await push(target, mediaTypes.empty, '{}')
  const manifest = {
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    artifactType: 'application/vnd.test',
    config,
    layers: [config],
    subject: { mediaType, digest, size },
    annotations: { note },
    ...more,
  }
  return push(target, mediaTypes.manifest, JSON.stringify(manifest))
}

async function start(like?: (typeof profileNames)[number]): Promise<{
  registry: TestRegistry
  target: Repository
}> {
  const registry = await opened(startRegistry({ like }))
  const name = `${registry.address}/acme/scim`
  await destination(name).put(image)
  return { registry, target: repository(name) }
}

for (const like of [undefined, ...profileNames]) {
  test(`${like ?? 'a conformant registry'}: lists what was pushed, once, with its type and annotations`, async () => {
    const { target } = await start(like)
    assert.equal(await target.referrers(digest), [])
    const one = await attach(target, 'one')
    const two = await attach(target, 'two', { artifactType: undefined })
    await attach(target, 'one')
    const found = await target.referrers(digest)
    assert.equal(
      found
        .map((each) => [each.digest, each.artifactType, each.annotations])
        .toSorted(([a], [b]) => (String(a) < String(b) ? -1 : 1)),
      [
        [one.digest, 'application/vnd.test', { note: 'one' }],
        [two.digest, mediaTypes.empty, { note: 'two' }],
      ].toSorted(([a], [b]) => (String(a) < String(b) ? -1 : 1)),
    )
  })
}

test('where the registry lists, no tag is made; where it does not, the tag is made once', async () => {
  const conformant = await start()
  await attach(conformant.target, 'one')
  assert.equal(await conformant.target.tags().catch(() => []), [])
  const old = await start('distribution-2.8')
  await attach(old.target, 'one')
  assert.equal(await old.target.tags(), [FALLBACK])
  const before = old.registry.requests.length
  await attach(old.target, 'one')
  const writes = old.registry.requests.slice(before).filter(({ method }) => method === 'PUT')
  assert.equal(writes, [])
})

test('a run that was killed before it listed its artifact is finished by the next', async () => {
  const { registry, target } = await start('distribution-2.8')
  registry.inject([
    { kind: '403', at: 1, until: Infinity, method: 'PUT', path: `/manifests/${FALLBACK}` },
  ])
  const failed = await attach(target, 'one').catch(() => undefined)
  assert.is(failed, undefined)
  assert.equal(await target.referrers(digest), [])
  registry.inject([])
  const one = await attach(target, 'one')
  assert.equal(
    (await target.referrers(digest)).map((each) => each.digest),
    [one.digest],
  )
})

test('two that list at the same time both end up in the list', async () => {
  const { registry, target } = await start('distribution-2.8')
  const names = ['a', 'b']
  const pushed = await Promise.all(
    names.map((name) => attach(repository(`${registry.address}/acme/scim`), name)),
  )
  // Whoever overwrote the others' entries did not see them; the next push of each puts its own back.
  for (const name of names) await attach(target, name)
  const found = (await target.referrers(digest)).map((each) => each.digest)
  assert.equal(found.toSorted(), pushed.map((each) => each.digest).toSorted())
})

test.run()
