// registry.md D 5 to 9: what registries do with manifests and tags, and what must be found out by reading back.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { mediaTypes } from '@waybill/oci'
import { destination, repository } from '@waybill/registry'
import { startRegistry, type TestRegistry } from '@waybill/testkit'
import { rejects } from '../helpers/rejects.ts'
import { testImage } from '../helpers/image.ts'
import { scriptedServer } from '../helpers/server.ts'

const test = suite('traps of manifests')
const lines = (registry: TestRegistry): string[] =>
  registry.requests.map(({ method, path }) => `${method} ${path.split('?')[0]}`)

for (const missing of ['docker-content-digest', 'content-type', 'content-length']) {
  test(`resolves and looks where HEAD has no ${missing}`, async () => {
    const registry = await startRegistry({
      wrap: (next) => async (request) => {
        const reply = await next(request)
        if (request.method !== 'HEAD') return reply
        const kept = Object.entries(reply.headers ?? {}).filter(
          ([name]) => name.toLowerCase() !== missing,
        )
        return { ...reply, headers: Object.fromEntries(kept) }
      },
    })
    const image = testImage()
    const to = destination(`${registry.address}/acme/hello`)
    await to.put(image)
    await to.check(image)
    await to.set('1.0', image.subject.digest, { kind: 'rolling', content: image })
    const found = await repository(`${registry.address}/acme/hello`).resolve('1.0')
    assert.equal(found, image.subject)
    assert.is((await to.put(image)).uploaded, 0)
    await registry.close()
  })
}

for (const status of [401, 403, 429, 500, 502, 503]) {
  test(`${status} is unknown, never absent`, async () => {
    const registry = await startRegistry({
      wrap: (next) => async (request) =>
        request.path === '/v2/'
          ? next(request)
          : {
              status,
              headers: { 'retry-after': '0' },
              body: Buffer.from('<html>a gateway says no</html>'),
            },
    })
    const to = destination(`${registry.address}/acme/hello`)
    for (const asking of [() => to.observe('1.0.0'), () => to.names(), () => to.preflight()]) {
      const error = await rejects(asking, 'ERR_UNKNOWN_STATE')
      assert.is(error.outcome, 'unknown')
      assert.is(error.details['status'], status)
    }
    await rejects(
      to.set('1.0.0', testImage().subject.digest, { kind: 'immutable', content: testImage() }),
      'ERR_UNKNOWN_STATE',
    )
    assert.not(
      lines(registry).some((line) => line.startsWith('PUT')),
      'nothing is written',
    )
    await registry.close()
  })
}

test('a registry that cannot be reached is unknown', async () => {
  const to = destination('127.0.0.1:1/acme/hello')
  const error = await rejects(to.observe('1.0.0'), 'ERR_UNKNOWN_STATE')
  assert.is(error.details['reason'], 'ERR_NETWORK')
})

test('a repository that does not exist has no names', async () => {
  const registry = await startRegistry()
  const to = destination(`${registry.address}/nobody/nothing`)
  assert.equal(await to.names(), [])
  assert.is(await to.observe('latest'), undefined)
  await rejects(repository(`${registry.address}/nobody/nothing`).tags(), 'ERR_NOT_FOUND')
  await registry.close()
})

test('shows what is left where pulls are limited', async () => {
  const registry = await startRegistry({
    wrap: (next) => async (request) =>
      request.path === '/v2/'
        ? next(request)
        : {
            status: 429,
            headers: {
              'ratelimit-limit': '100;w=21600',
              'ratelimit-remaining': '0;w=21600',
              'retry-after': '0',
            },
            body: Buffer.from(
              '{"errors":[{"code":"TOOMANYREQUESTS","message":"You have reached your pull rate limit."}]}',
            ),
          },
  })
  const error = await rejects(
    repository(`${registry.address}/a/b`).resolve('latest'),
    'ERR_RATE_LIMITED',
  )
  assert.match(error.message, 'pull rate limit')
  assert.is(error.details['ratelimit-remaining'], '0;w=21600')
  await registry.close()
})

test('asks again when a registry does not know yet what it just took', async () => {
  let refusals = 2
  const registry = await startRegistry({
    wrap: (next) => async (request) => {
      if (request.method !== 'PUT' || !request.path.includes('/manifests/') || refusals-- <= 0)
        return next(request)
      return { status: 404, body: Buffer.from('{"errors":[{"code":"MANIFEST_BLOB_UNKNOWN"}]}') }
    },
  })
  const to = destination(`${registry.address}/acme/hello`)
  const image = testImage()
  await to.put(image)
  await to.check(image)
  await registry.close()
})

test('stores manifests byte by byte as they are, with their media type, children first', async () => {
  const registry = await startRegistry()
  const image = testImage()
  await destination(`${registry.address}/acme/hello`).put(image)
  const puts = registry.requests.filter(
    ({ method, path }) => method === 'PUT' && path.includes('/manifests/'),
  )
  const order = puts.map(({ path }) => path.split('/').at(-1))
  assert.is(order.at(-1), image.subject.digest)
  assert.equal(
    new Set(order.slice(0, 2)),
    new Set(image.manifests.slice(0, 2).map(({ descriptor }) => descriptor.digest)),
  )
  assert.is(puts.at(-1)!.headers['content-type'], mediaTypes.index)
  const kinds = lines(registry).map((line) => (line.startsWith('PUT') ? line.split('/')[4] : ''))
  assert.ok(kinds.lastIndexOf('blobs') < kinds.indexOf('manifests'), 'blobs before manifests')
  await registry.close()
})

test('a host that says yes to everything is found out', async () => {
  const parked = await scriptedServer((asked, response) => {
    response
      .writeHead(200, { 'content-type': 'text/html' })
      .end(asked.method === 'HEAD' ? undefined : '<html>Buy this domain</html>')
  })
  const to = destination(`${parked.address}/acme/hello`)
  await rejects(to.preflight(), 'ERR_REGISTRY')
  await rejects(to.observe('latest'), 'ERR_UNKNOWN_STATE')
  await rejects(to.put(testImage()), 'ERR_REGISTRY')
  await rejects(to.names(), 'ERR_UNKNOWN_STATE')
  await parked.close()
})

test('a registry that stores something else under a tag is found out by reading back', async () => {
  const image = testImage()
  const other = testImage({ seed: 'other' })
  const registry = await startRegistry({
    wrap: (next) => async (request) => {
      if (request.method === 'HEAD' && request.path.endsWith('/manifests/1.0')) {
        const target = request.target.replace('1.0', other.subject.digest)
        return next({ ...request, target, path: target })
      }
      return next(request)
    },
  })
  const to = destination(`${registry.address}/acme/hello`)
  await to.put(image)
  await to.put(other)
  const error = await rejects(
    to.set('1.0', image.subject.digest, {
      kind: 'rolling',
      content: image,
      previous: other.subject.digest,
    }),
    'ERR_READ_BACK',
  )
  assert.match(error.message, image.subject.digest)
  assert.match(error.message, other.subject.digest)
  await registry.close()
})

test('a blob that vanished after the push is found by the check of who did not push it', async () => {
  const image = testImage()
  const [lost] = image.blobs
  const registry = await startRegistry()
  await destination(`${registry.address}/acme/hello`).put(image)
  await registry.close()
  const forgetful = await startRegistry({
    wrap: (next) => async (request) =>
      request.path.endsWith(lost!.descriptor.digest) && request.method === 'HEAD'
        ? { status: 404 }
        : next(request),
  })
  const to = destination(`${forgetful.address}/acme/hello`)
  await to.put(image)
  // What was acknowledged in the same run is not asked for again.
  await to.check(image)
  const later = destination(`${forgetful.address}/acme/hello`)
  const error = await rejects(later.check(image), 'ERR_READ_BACK')
  assert.match(error.message, lost!.descriptor.digest)
  const missing = await later.missing!([image.subject.digest])
  assert.equal([...missing], [[image.subject.digest, [lost!.descriptor.digest]]])
  await forgetful.close()
})

test('an immutable tag that stands at something else is named with both digests', async () => {
  const registry = await startRegistry({ immutableTags: true })
  const [ours, theirs] = [testImage(), testImage({ seed: 'theirs' })]
  const to = destination(`${registry.address}/acme/hello`)
  await to.put(ours)
  await to.put(theirs)
  await to.set('1.0.0', theirs.subject.digest, { kind: 'immutable', content: theirs })
  const previous = theirs.subject.digest
  const error = await rejects(
    to.set('1.0.0', ours.subject.digest, { kind: 'immutable', content: ours, previous }),
    'ERR_TAG_IMMUTABLE',
  )
  assert.match(error.message, ours.subject.digest)
  assert.match(error.message, theirs.subject.digest)
  await registry.close()
})

test.run()
