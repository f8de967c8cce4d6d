import { randomBytes } from 'node:crypto'
import { digestOf } from '@waybill/core'
import { startProxy, startRegistry } from '@waybill/testkit'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { closingAfter } from '../helpers/closing.ts'
import { ask, pushBlob, pushManifest } from '../helpers/push.ts'

const test = suite('startProxy')
const opened = closingAfter(test)

test('passes on what is asked and answered', async () => {
  const registry = await opened(startRegistry())
  const proxy = await opened(startProxy({ target: registry.address }))
  const bytes = randomBytes(1_000_000)
  const digest = await pushBlob(proxy.address, 'acme/scim', bytes)
  assert.is(digestOf((await ask(proxy.address, `GET /v2/acme/scim/blobs/${digest}`)).body), digest)
  const { headers } = await pushManifest(proxy.address, 'acme/scim', { tag: '1.0.0' })
  const head = await ask(proxy.address, 'HEAD /v2/acme/scim/manifests/1.0.0')
  const direct = await ask(registry.address, 'HEAD /v2/acme/scim/manifests/1.0.0')
  assert.is(head.headers.get('docker-content-digest'), headers.get('docker-content-digest'))
  assert.is(head.headers.get('content-length'), direct.headers.get('content-length'))
  assert.is(proxy.requests[1]?.status, 200)
})

test('keeps a header that comes several times', async () => {
  const registry = await opened(
    startRegistry({
      wrap: () => async () => ({
        status: 401,
        headers: { 'WWW-Authenticate': ['Negotiate', 'Basic realm="a, b"'] },
      }),
    }),
  )
  const proxy = await opened(startProxy({ target: `http://${registry.address}` }))
  const { headers } = await ask(proxy.address, 'GET /v2/')
  assert.is(headers.get('www-authenticate'), 'Negotiate, Basic realm="a, b"')
})

test('lets things go wrong on the way, before and after the registry', async () => {
  const registry = await opened(startRegistry())
  const proxy = await opened(startProxy({ target: registry.address, faults: 'drop@2' }))
  const push = (tag: string): Promise<number> =>
    pushManifest(proxy.address, 'a', { tag }).then(
      ({ status }) => status,
      () => 0,
    )
  assert.is(await push('1'), 0)
  proxy.inject('lose@2')
  assert.is(await push('2'), 0)
  proxy.inject('503@2')
  assert.is(await push('3'), 503)
  const tags = JSON.parse((await ask(registry.address, 'GET /v2/a/tags/list')).body.toString())
  assert.equal(tags, { name: 'a', tags: ['2'] })
})

test('says that the registry is gone', async () => {
  const registry = await opened(startRegistry())
  const proxy = await opened(startProxy({ target: registry.address }))
  await registry.close()
  const answer = await ask(proxy.address, 'GET /v2/')
  assert.is(answer.status, 502)
})

test.run()
