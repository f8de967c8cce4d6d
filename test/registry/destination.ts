import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { destination, repository, resolveImage } from '@waybill/registry'
import { loadContent } from '@waybill/oci'
import { startRegistry } from '@waybill/testkit'
import { rejects } from '../helpers/rejects.ts'
import { testImage } from '../helpers/image.ts'

const test = suite('destination')

test('puts content under no name, checks it, sets names and reads them back', async () => {
  const registry = await startRegistry()
  const to = destination(`${registry.address}/acme/hello`)
  const image = testImage()
  await to.preflight()
  assert.equal(await to.names(), [])
  assert.is(await to.observe('1.0.0'), undefined)
  const report = await to.put(image)
  assert.equal(
    { ...report, bytes: report.bytes > 0 },
    { uploaded: 9, mounted: 0, present: 0, bytes: true },
  )
  assert.equal(await to.names(), [])
  await to.check(image)
  const { digest } = image.subject
  await to.set('1.0.0', digest, { kind: 'immutable', content: image })
  assert.is(await to.observe('1.0.0'), digest)
  assert.equal(await to.names(), ['1.0.0'])
  await registry.close()
})

test('sends nothing that is there already, and asks once for every blob: what is above says nothing of them', async () => {
  const registry = await startRegistry()
  const to = destination(`${registry.address}/acme/hello`)
  const image = testImage()
  await to.put(image)
  const before = registry.requests.length
  assert.equal(await to.put(image), { uploaded: 0, mounted: 0, present: 9, bytes: 0 })
  const later = registry.requests.slice(before)
  const asked = (what: string): number =>
    later.filter(({ method, path }) => `${method} ${path}`.includes(what)).length
  assert.equal(
    [asked('HEAD /v2/acme/hello/blobs/'), asked('HEAD /v2/acme/hello/manifests/')],
    [6, 0],
  )
  assert.is(asked('GET /v2/acme/hello/manifests/'), 3)
  assert.is(later.length, 9)
  await to.check(image)
  assert.is(registry.requests.length, before + 9)
  await registry.close()
})

test('a push that was cut short goes on: every single part that stands is left alone', async () => {
  const image = testImage()
  const parts = [...image.blobs, ...image.manifests.slice(0, -1)].map((item) => item.descriptor)
  for (const [index, part] of parts.entries()) {
    const registry = await startRegistry()
    const place = repository(`${registry.address}/acme/hello`)
    // A manifest is taken only where what it names stands.
    const standing = index < image.blobs.length ? [part] : [...parts.slice(0, 6), part]
    for (const one of standing) await place.push(one, () => image.read(one))
    const before = registry.requests.length
    const report = await destination(`${registry.address}/acme/hello`).put(image)
    const present = standing.length
    assert.equal([report.present, report.uploaded], [present, 9 - present], part.mediaType)
    const sent = registry.requests.slice(before).filter(({ method }) => method === 'PUT')
    const again = standing.find(({ digest }) =>
      sent.some(({ path }) => decodeURIComponent(path).includes(digest)),
    )
    assert.is(again, undefined)
    await registry.close()
  }
})

test('a name is looked at before it is written, unless the caller has done so a moment ago', async () => {
  const registry = await startRegistry()
  const to = destination(`${registry.address}/acme/hello`)
  const image = testImage()
  await to.put(image)
  const { digest } = image.subject
  const asked = async (name: string, looked?: boolean): Promise<string[]> => {
    const before = registry.requests.length
    await to.set(name, digest, { kind: 'immutable', content: image, looked })
    return registry.requests.slice(before).map(({ method }) => method)
  }
  // Its absence is proved by GET and the list.
  assert.equal(await asked('1.0.0'), ['HEAD', 'GET', 'GET', 'PUT', 'HEAD'])
  assert.equal(await asked('1.0.1', true), ['PUT', 'HEAD'])
  await registry.close()
})

test('mounts what another repository of the same registry holds', async () => {
  const registry = await startRegistry()
  await destination(`${registry.address}/base/image`).put(testImage({ seed: 'base' }))
  const image = testImage({
    origins: ['ghcr.io/elsewhere/image', `${registry.address}/base/image`],
  })
  const report = await destination(`${registry.address}/acme/hello`).put(image)
  assert.is(report.mounted, 2)
  assert.is(report.uploaded, 7)
  await registry.close()
})

test('a name that moved since it was looked at is not overwritten', async () => {
  const registry = await startRegistry()
  const to = destination(`${registry.address}/acme/hello`)
  const [ours, theirs] = [testImage(), testImage({ seed: 'theirs' })]
  await to.put(ours)
  await to.put(theirs)
  await to.set('latest', theirs.subject.digest, { kind: 'rolling', content: theirs })
  const error = await rejects(
    to.set('latest', ours.subject.digest, { kind: 'rolling', content: ours }),
    'ERR_STALE_PLAN',
  )
  assert.match(error.message, ours.subject.digest)
  assert.match(error.message, theirs.subject.digest)
  assert.is(await to.observe('latest'), theirs.subject.digest)
  await registry.close()
})

test('restores a name to what it was, or removes it', async () => {
  const registry = await startRegistry()
  const to = destination(`${registry.address}/acme/hello`)
  const [first, second] = [testImage(), testImage({ seed: 'second' })]
  for (const content of [first, second]) await to.put(content)
  const kind = 'rolling'
  await to.set('latest', first.subject.digest, { kind, content: first })
  const previous = first.subject.digest
  await to.set('latest', second.subject.digest, { kind, content: second, previous })
  await to.restore('latest', first.subject.digest)
  assert.is(await to.observe('latest'), first.subject.digest)
  await to.restore('latest', undefined)
  assert.is(await to.observe('latest'), undefined)
  assert.is(await to.observe(first.subject.digest), first.subject.digest)
  await registry.close()
})

test('what was published reads back as the same content', async () => {
  const registry = await startRegistry()
  const to = destination(`${registry.address}/acme/hello`)
  const image = testImage()
  await to.put(image)
  await to.set('1.0.0', image.subject.digest, { kind: 'immutable', content: image })
  const base = await resolveImage(`${registry.address}/acme/hello:1.0.0`)
  assert.is(base.descriptor.digest, image.subject.digest)
  const content = await loadContent(base.source, base.descriptor)
  assert.is(content.manifests.length, 3)
  assert.is(content.blobs.length, 6)
  const again = destination(`${registry.address}/copy/hello`)
  assert.is((await again.put(content)).mounted, 6)
  assert.equal(await repository(`${registry.address}/acme/hello`).tags(), ['1.0.0'])
  await registry.close()
})

test.run()
