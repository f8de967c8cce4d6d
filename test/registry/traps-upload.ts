// registry.md D 1, 2, 4, 8, 9, 11: what registries do while something is pushed.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { describe } from '@waybill/core'
import { mediaTypes } from '@waybill/oci'
import { destination, repository } from '@waybill/registry'
import {
  startRegistry,
  type RegistryReply,
  type RegistryRequest,
  type TestRegistry,
  type Wrapper,
} from '@waybill/testkit'
import { rejects } from '../helpers/rejects.ts'
import { testImage } from '../helpers/image.ts'
import { scriptedServer } from '../helpers/server.ts'

const test = suite('traps of pushing')
const bytes = Buffer.from('a blob '.repeat(1000))
const blob = describe(mediaTypes.layerGzip, bytes)
const open = async function* (): AsyncGenerator<Uint8Array> {
  yield bytes.subarray(0, 3000)
  yield bytes.subarray(3000)
}

const flipped = async function* (): AsyncGenerator<Uint8Array> {
  yield Buffer.concat([bytes.subarray(1), bytes.subarray(0, 1)])
}

type Change = (
  request: RegistryRequest,
  reply: RegistryReply,
) => RegistryReply | Promise<RegistryReply>
const changing =
  (change: Change): Wrapper =>
  (next) =>
  async (request) =>
    change(request, await next(request))

const header = (reply: RegistryReply, name: string): string => {
  const found = Object.entries(reply.headers ?? {}).find(([key]) => key.toLowerCase() === name)
  return String(found?.[1] ?? '')
}
const withHeaders = (reply: RegistryReply, headers: Record<string, string>): RegistryReply => {
  const names = new Set(Object.keys(headers).map((name) => name.toLowerCase()))
  const kept = Object.entries(reply.headers ?? {}).filter(
    ([name]) => !names.has(name.toLowerCase()),
  )
  return { ...reply, headers: { ...Object.fromEntries(kept), ...headers } }
}
const relocated = (change: (location: URL, request: RegistryRequest) => string): Wrapper =>
  changing((request, reply) => {
    const location = header(reply, 'location')
    if (reply.status !== 202 || location === '') return reply
    const url = new URL(location, `http://${request.headers.host}`)
    return withHeaders(reply, { Location: change(url, request) })
  })

async function pushed(registry: TestRegistry): Promise<void> {
  const target = repository(`${registry.address}/acme/hello`)
  await target.push(blob, open)
  assert.ok(await target.exists(blob))
}
const lines = (registry: TestRegistry): string[] =>
  registry.requests.map(({ method, path }) => `${method} ${path.split('?')[0]}`)
const count = (registry: TestRegistry, method: string): number =>
  registry.requests.filter((request) => request.method === method).length

const locations: Readonly<Record<string, (url: URL, request: RegistryRequest) => string>> = {
  relative: (url) => url.pathname + url.search,
  absolute: (url) => url.href,
  'with a state in its query, which must come back as it is': (url) =>
    `${url.pathname}?_other=a%2Bb%3D%3D&x=1%20~&${url.search.slice(1)}`,
  'without a scheme': (url) => `${url.host}${url.pathname}${url.search}`,
  'without a scheme, with slashes': (url) => `//${url.host}${url.pathname}${url.search}`,
}
for (const [name, change] of Object.entries(locations)) {
  test(`follows a Location ${name}`, async () => {
    const registry = await startRegistry({ wrap: relocated(change) })
    await pushed(registry)
    const put = registry.requests.find(({ method }) => method === 'PUT')!
    assert.match(put.path, `digest=${encodeURIComponent(blob.digest)}`)
    if (name.includes('state')) assert.match(put.path, /_other=a%2Bb%3D%3D&x=1%20~&/)
    await registry.close()
  })
}

test('sends no authorization to another host that a Location names', async () => {
  const storage = await scriptedServer((asked, response) => {
    assert.is(asked.headers.authorization, undefined)
    response.writeHead(201).end()
  })
  // 127.0.0.1 and localhost are different hosts.
  const there = storage.address.replace('127.0.0.1', 'localhost')
  const registry = await startRegistry({
    auth: { users: { a: 'b' } },
    wrap: relocated((url) => `http://${there}${url.pathname}`),
  })
  const env = {
    DOCKER_AUTH_CONFIG: JSON.stringify({
      auths: { [registry.address]: { username: 'a', password: 'b' } },
    }),
  }
  await repository(`${registry.address}/acme/hello`, { env }).push(blob, open)
  assert.is(storage.asked.length, 1)
  assert.equal(storage.asked[0]!.body, bytes)
  await registry.close()
  await storage.close()
})

test('gives the cookies of an upload back, to its own origin and during that upload only', async () => {
  const registry = await startRegistry({
    wrap: changing((_request, reply) =>
      reply.status === 202
        ? withHeaders(reply, { 'Set-Cookie': 'server=seven; Path=/; HttpOnly' })
        : reply,
    ),
  })
  const to = repository(`${registry.address}/acme/hello`)
  await to.push(blob, open)
  const cookies = registry.requests.map(({ method, headers }) => [method, headers.cookie])
  assert.equal(
    cookies.filter(([, cookie]) => cookie !== undefined),
    [['PUT', 'server=seven']],
  )
  await registry.close()
})

test('goes over to pieces of 4 MiB where a whole blob is too large, following each new Location', async () => {
  const large = Buffer.alloc(9 * 1024 * 1024, 'x')
  const descriptor = describe(mediaTypes.layerGzip, large)
  const registry = await startRegistry({
    wrap: (next) => async (request) => {
      const length = Number(request.headers['content-length'] ?? 0)
      if (length <= 4 * 1024 * 1024) return next(request)
      return { status: 413, body: Buffer.from('<html>Request Entity Too Large</html>') }
    },
  })
  const target = repository(`${registry.address}/acme/hello`)
  await target.push(descriptor, async function* () {
    for (let at = 0; at < large.length; at += 1_000_000) yield large.subarray(at, at + 1_000_000)
  })
  assert.ok(await target.exists(descriptor))
  const patches = registry.requests.filter(({ method }) => method === 'PATCH')
  assert.equal(
    patches.map(({ headers }) => headers['content-range']),
    ['0-4194303', '4194304-8388607', '8388608-9437183'],
  )
  assert.is(new Set(patches.map(({ path }) => path)).size, 3, 'every piece goes to a new Location')
  await registry.close()
})

for (const status of [400, 401, 403, 404, 405]) {
  test(`uploads what it may not mount (${status})`, async () => {
    const registry = await startRegistry({
      wrap: (next) => async (request) =>
        request.query.has('mount') ? { status, body: Buffer.from('{"errors":[]}') } : next(request),
    })
    const other = `${registry.address}/base/image`
    await destination(other).put(testImage({ seed: 'base' }))
    const report = await destination(`${registry.address}/acme/hello`).put(
      testImage({ origins: [other] }),
    )
    assert.equal([report.mounted, report.uploaded], [0, 9])
    await registry.close()
  })
}

test('uses the upload a refused mount opens', async () => {
  const registry = await startRegistry()
  const report = await destination(`${registry.address}/acme/hello`).put(
    testImage({ origins: [`${registry.address}/nothing/here`] }),
  )
  assert.equal([report.mounted, report.uploaded], [0, 9])
  const opened = registry.requests.filter(({ method }) => method === 'POST')
  assert.is(opened.length, 6, 'one upload for each blob')
  await registry.close()
})

test('pushes an empty blob', async () => {
  const registry = await startRegistry()
  const empty = describe(mediaTypes.layer, Buffer.alloc(0))
  const target = repository(`${registry.address}/acme/hello`)
  await target.push(empty, async function* () {})
  assert.ok(await target.exists(empty))
  await registry.close()
})

test('content that is not what its descriptor says is never finished', async () => {
  const registry = await startRegistry()
  const target = repository(`${registry.address}/acme/hello`)
  await rejects(target.push(blob, flipped), 'ERR_DIGEST_MISMATCH')
  assert.not(await target.exists(blob))
  await registry.close()
})

for (const fault of ['drop', 'lose', 'sever', '500', '502', '503', '429', '504', '499', '522']) {
  for (const method of ['POST', 'PUT']) {
    test(`gets over ${fault} at a ${method}, looking before it sends again`, async () => {
      const registry = await startRegistry({
        faults: [{ kind: fault as 'drop', value: 0, method }],
      })
      await pushed(registry)
      if (method === 'PUT') {
        const after = lines(registry).slice(
          lines(registry).findIndex((line) => line.startsWith('PUT')) + 1,
        )
        assert.match(after[0]!, /^HEAD /)
        assert.is(count(registry, 'PUT'), fault === 'lose' ? 1 : 2)
      }
      await registry.close()
    })
  }
  test(`gets over ${fault} at the PUT of a manifest and of a tag`, async () => {
    const image = testImage()
    for (const path of ['manifests/sha256', 'manifests/1.0']) {
      const registry = await startRegistry({
        faults: [{ kind: fault as 'drop', value: 0, method: 'PUT', path }],
      })
      const to = destination(`${registry.address}/acme/hello`)
      await to.put(image)
      await to.set('1.0', image.subject.digest, { kind: 'rolling', content: image })
      await to.check(image)
      assert.is(await to.observe('1.0'), image.subject.digest)
      const puts = lines(registry).filter((line) => /^PUT .*manifests/.test(line)).length
      assert.is(puts, fault === 'lose' ? 4 : 5)
      await registry.close()
    }
  })
}

test.run()
