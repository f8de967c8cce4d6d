// Registries that answer one thing and hand out another, or answer in words of their own.
import { heal, planPublish, publish, status } from '@waybill/publish'
import type { RegistryOptions } from '@waybill/testkit'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { testImage, type TestImage } from '../helpers/image.ts'
import { NAME, codes, load, once, proven, scene } from '../helpers/lossy.ts'
import { rejects } from '../helpers/rejects.ts'
import { commitOf, lockFolder, release } from '../helpers/release.ts'

const test = suite('registries that contradict themselves')

const image = testImage({ seed: 'one' })

// Docker Hub counts every GET of a manifest as a pull, and tells how many are left.
test('so many pulls a release takes at Docker Hub, and no more', async () => {
  const here = await scene(1, { like: 'dockerhub' })
  const pulls = async (work: Promise<unknown>): Promise<number> => {
    const [registry] = here.registries
    const before = registry!.requests.length
    await work
    return registry!.requests
      .slice(before)
      .filter(
        ({ method, path, status: answered }) =>
          method === 'GET' && path.includes('/manifests/') && answered === 200,
      ).length
  }
  // Three manifests and five names, each once.
  assert.is(await pulls(once('1.0.0', image, here.to)), 3 + 5)
  assert.is(await pulls(once('1.0.0', image, here.to)), 3 + 5)
  assert.is(await pulls(once('1.0.1', testImage({ seed: 'two' }), here.to)), 3 + 5)
  assert.is(await pulls(once('1.0.1', testImage({ seed: 'two' }), here.to)), 3 + 5)
  await here.close()
})

for (const [what, lies] of [
  ['every tag', () => true],
  ['the version', (path: string) => path.endsWith('/1.0.0')],
  ['latest', (path: string) => path.endsWith('/latest')],
] as const)
  test(`${what} hands out another manifest than its header names: no run takes it as published`, async () => {
    const evil = Buffer.from(
      JSON.stringify({ schemaVersion: 2, mediaType: image.subject.mediaType, manifests: [] }),
    )
    const here = await scene(1, {
      wrap: (next) => async (request) => {
        const reply = await next(request)
        const isTag = /\/manifests\/[^:]+$/.test(request.path)
        if (request.method !== 'GET' || !isTag || reply.status !== 200 || !lies(request.path))
          return reply
        return { ...reply, body: evil }
      },
    })
    for (let run = 0; run < 2; run++) {
      const error = await rejects(once('1.0.0', image, here.to), 'ERR_READ_BACK')
      assert.match(error.message, image.subject.digest)
    }
    const rolled = here.registries[0]!.requests.filter(
      ({ method, path }) => method === 'PUT' && path.endsWith('/latest'),
    )
    // No rolling name moves before the version was read.
    assert.is(rolled.length, what === 'latest' ? 1 : 0)
    await here.close()
  })

for (const [what, mode] of [
  ['HEAD of a manifest answers 404 (Nexus)', 404],
  ['HEAD answers 405', 405],
  ['HEAD answers 403', 403],
] as const)
  test(`${what}: a version that is there is not overwritten, and a new one is published`, async () => {
    const here = await scene(1, {
      wrap: (next) => (request) =>
        request.method === 'HEAD' && request.path.includes('/manifests/')
          ? Promise.resolve({ status: mode })
          : next(request),
    })
    await once('1.0.0', image, here.to)
    await rejects(once('1.0.0', testImage({ seed: 'other' }), here.to), 'ERR_IMMUTABLE_TAG')
    assert.is(await here.to['r0']!.observe('1.0.0'), image.subject.digest)
    assert.equal(codes(await once('1.0.0', image, here.to)), [])
    await once('1.0.1', testImage({ seed: 'two' }), here.to)
    assert.ok((await heal(here.to)).ok)
    await here.close()
  })

test('a registry that answers 403 for what it does not have is published to, once its list shows anything', async () => {
  const here = await scene(1, {
    wrap: (next) => async (request) => {
      const reply = await next(request)
      const isMissing = reply.status === 404 && /\/(?:manifests|blobs)\//.test(request.path)
      return isMissing && request.method !== 'POST' ? { ...reply, status: 403 } : reply
    },
  })
  // Nothing is listed yet, so nothing shows that the account may see what is there.
  const error = await rejects(once('1.0.0', image, here.to), 'ERR_UNKNOWN_STATE')
  assert.match(error.message, 'this registry answers 403 for what it does not have')
  const writes = here.registries[0]!.requests.filter(({ method }) => method === 'PUT')
  assert.equal(writes, [])
  const content = proven(image)
  await here.to['r0']!.put(content.content)
  await fetch(`http://${here.registries[0]!.address}/v2/${NAME}/manifests/first`, {
    method: 'PUT',
    headers: { 'content-type': image.subject.mediaType },
    body: Buffer.from(await bytesOf(image)),
  })
  assert.equal(codes(await once('1.0.0', image, here.to)), [])
  await once('1.0.1', testImage({ seed: 'two' }), here.to)
  await rejects(once('1.0.1', testImage({ seed: 'three' }), here.to), 'ERR_IMMUTABLE_TAG')
  await here.close()
})

async function bytesOf(one: TestImage): Promise<Uint8Array> {
  const pieces: Uint8Array[] = []
  for await (const piece of one.read(one.subject)) pieces.push(piece)
  return Buffer.concat(pieces)
}

test('a registry whose list is without what can be read does not move rolling names', async () => {
  for (const answer of [404, 405, 200]) {
    let isHidden = false
    const here = await scene(1, {
      wrap: (next) => (request) =>
        isHidden && request.path.endsWith('/tags/list')
          ? Promise.resolve({ status: answer, body: Buffer.from('{"name":"x","tags":["0.1.0"]}') })
          : next(request),
    })
    await once('2.0.0', image, here.to)
    isHidden = true
    const error = await rejects(
      once('1.5.0', testImage({ seed: 'old' }), here.to),
      'ERR_UNKNOWN_STATE',
    )
    assert.match(error.message, 'the registry does not list it')
    assert.is(await here.to['r0']!.observe('latest'), image.subject.digest)
    await here.close()
  }
})

interface Phantoms {
  readonly tags: readonly string[]
}

/** A registry that lists tags which lead nowhere. */
const withPhantoms = ({ tags }: Phantoms): RegistryOptions => ({
  wrap: (next) => async (request) => {
    const reply = await next(request)
    if (!request.path.endsWith('/tags/list')) return reply
    const own =
      reply.status === 200
        ? (JSON.parse(Buffer.from(reply.body as Uint8Array).toString()) as { tags: string[] }).tags
        : []
    return {
      status: 200,
      body: Buffer.from(
        JSON.stringify({ name: NAME, tags: [...new Set([...own, ...tags])].toSorted() }),
      ),
    }
  },
})

test('names that are listed and lead nowhere are findings of heal and status; publish says that one keeps latest back', async () => {
  const here = await scene(1, withPhantoms({ tags: ['2.0.0', 'latest'] }))
  const said: string[] = []
  const logger = {
    debug: () => {},
    info: () => {},
    warn: (line: string) => void said.push(line),
    error: () => {},
  }
  const content = proven(image)
  const plan = await planPublish(release('1.5.0', commitOf('1.5.0')), content, {
    to: here.to,
    logger,
  })
  await publish(plan, { content, to: here.to, lockFolder })
  assert.ok(
    said.some(
      (line) =>
        line.includes('2.0.0') && line.includes('leads nowhere') && line.includes('--yanked 2.0.0'),
    ),
    said.join('\n'),
  )
  const healed = await heal(here.to)
  assert.not.ok(healed.ok)
  assert.equal(
    healed.findings
      .filter(({ code }) => code === 'phantom')
      .map(({ message }) => /: (\S+) is/.exec(message)![1]),
    ['2.0.0', 'latest'],
  )
  const seen = await status({ version: '1.5.0' }, { to: here.to })
  assert.not.ok(seen.ok)
  assert.ok(codes(seen).includes('phantom'))
  // The way out: the version is said to be gone, and latest may move.
  const plain = await planPublish(release('1.5.0', commitOf('1.5.0')), content, {
    to: here.to,
    yanked: ['2.0.0'],
  })
  await publish(plain, { content, to: here.to, lockFolder })
  assert.is(await here.to['r0']!.observe('latest'), image.subject.digest)
  await here.close()
})

test('a version that is listed and leads nowhere is never overwritten', async () => {
  const here = await scene(1, withPhantoms({ tags: ['1.0.0'] }))
  for (let run = 0; run < 2; run++)
    await rejects(once('1.0.0', image, here.to), 'ERR_UNKNOWN_STATE')
  const names = here.registries[0]!.requests.filter(
    ({ method, path }) => method === 'PUT' && /\/manifests\/[^:]+$/.test(path),
  )
  assert.equal(names, [])
  const repaired = await heal(here.to, { repair: true, load, lockFolder })
  assert.not.ok(repaired.ok)
  await here.close()
})

test.run()
