// registry.md D 3 and 20: where a registry may send us, and what goes there.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { describe } from '@waybill/core'
import { mediaTypes } from '@waybill/oci'
import { destination, repository } from '@waybill/registry'
import { rejects } from '../helpers/rejects.ts'
import { scriptedServer, type ScriptedServer } from '../helpers/server.ts'
import { tokenServer } from '../helpers/token-server.ts'

const test = suite('traps of redirects')
const encoded = (user: string): string => Buffer.from(user).toString('base64')
const namesOf = (
  address: string,
  env: Record<string, string> = { HOME: '/nonexistent' },
): Promise<readonly string[]> => destination(`${address}/a/b`, { env }).names()

const bytes = Buffer.from('layer')
const layer = describe(mediaTypes.layerGzip, bytes)

test('a redirect to another host gets no authorization, nor does the way back', async () => {
  const elsewhere = await scriptedServer((asked, response) => {
    if (asked.url === '/back')
      return response.writeHead(307, { location: `http://${registry.address}/blob` }).end()
    return response.writeHead(200).end(bytes)
  })
  let to = '/direct'
  const registry: ScriptedServer = await scriptedServer((asked, response) => {
    if (asked.url === '/v2/')
      return response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end()
    if (asked.url === '/blob') return response.end(bytes)
    return response
      .writeHead(307, {
        location: `http://${elsewhere.address.replace('127.0.0.1', 'localhost')}${to}`,
      })
      .end()
  })
  const env = {
    DOCKER_AUTH_CONFIG: JSON.stringify({
      auths: { [registry.address]: { auth: encoded('me:pw') } },
    }),
  }
  for (to of ['/direct', '/back']) {
    const source = repository(`${registry.address}/a/b`, { env })
    for await (const piece of source.fetch(layer)) assert.equal(Buffer.from(piece), bytes)
  }
  assert.ok(
    registry.asked.some(
      ({ url, headers }) => url.startsWith('/v2/a/b') && headers.authorization !== undefined,
    ),
  )
  assert.not.ok(elsewhere.asked.some(({ headers }) => headers.authorization !== undefined))
  assert.is(registry.asked.find(({ url }) => url === '/blob')!.headers.authorization, undefined)
  await Promise.all([elsewhere.close(), registry.close()])
})

test('a registry that redirects to another one is asked there anonymously, with a token of that one', async () => {
  const second = await tokenServer((asked) => [
    asked.headers.authorization === undefined ? 200 : 403,
    { token: 'good' },
  ])
  const first = await scriptedServer((asked, response) =>
    asked.url === '/v2/'
      ? response.end()
      : response
          .writeHead(307, {
            location: `http://${second.address.replace('127.0.0.1', 'localhost')}${asked.url}`,
          })
          .end(),
  )
  const env = {
    DOCKER_AUTH_CONFIG: JSON.stringify({ auths: { [first.address]: { auth: encoded('me:pw') } } }),
  }
  assert.equal(await namesOf(first.address, env), ['ok'])
  await Promise.all([first.close(), second.close()])
})

test('redirects without end are an error', async () => {
  const server = await scriptedServer((asked, response) =>
    asked.url === '/v2/'
      ? response.end()
      : response.writeHead(302, { location: `${asked.url}&x` }).end(),
  )
  await rejects(namesOf(server.address), 'ERR_REGISTRY')
  assert.ok(server.asked.length < 10)
  await server.close()
})

for (const place of [
  'http://169.254.169.254/latest/',
  'http://[fe80::1]/x',
  'file:///etc/passwd',
  'http://user:pw@127.0.0.1/',
]) {
  test(`follows no realm, redirect or Location to ${place}`, async () => {
    const realm = await tokenServer(
      () => [200, { token: 'good' }],
      () => `Bearer realm="${place}"`,
    )
    await rejects(namesOf(realm.address), 'ERR_FORBIDDEN_ADDRESS')
    const server = await scriptedServer((asked, response) => {
      if (asked.url === '/v2/') return response.end()
      return response.writeHead(asked.method === 'POST' ? 202 : 307, { location: place }).end()
    })
    await rejects(namesOf(server.address), 'ERR_FORBIDDEN_ADDRESS')
    await rejects(destination(`${server.address}/a/b`).preflight(), 'ERR_FORBIDDEN_ADDRESS')
    await Promise.all([realm.close(), server.close()])
  })
}

test.run()
