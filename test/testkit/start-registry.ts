import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { get } from 'node:https'
import { join } from 'node:path'
import { digestOf } from '@waybill/core'
import { startRegistry, type LoggedRequest } from '@waybill/testkit'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { closingAfter } from '../helpers/closing.ts'
import { ask, IMAGE, pushManifest, smallManifest } from '../helpers/push.ts'
import { rejects } from '../helpers/rejects.ts'
import { temporaryFolder } from '../helpers/temporary.ts'

const test = suite('startRegistry')
const opened = closingAfter(test)

test('logs what it was asked, in order, with the status', async () => {
  const registry = await opened(startRegistry())
  await pushManifest(registry.address, 'acme/scim', { tag: '1.0.0' })
  await ask(registry.address, 'GET /v2/acme/scim/manifests/2.0.0')
  const seen = registry.requests.map((r) => `${r.number} ${r.method} ${r.path} ${r.status}`)
  assert.equal(seen, [
    `1 POST /v2/acme/scim/blobs/uploads/?digest=${digestOf('{}')} 201`,
    '2 PUT /v2/acme/scim/manifests/1.0.0 201',
    '3 GET /v2/acme/scim/manifests/2.0.0 404',
  ])
})

test('forgets the oldest requests when there are more than it keeps', async () => {
  const registry = await opened(startRegistry({ keep: 2 }))
  for (let n = 0; n < 4; n++) await ask(registry.address, 'GET /v2/')
  assert.equal(
    registry.requests.map(({ number }) => number),
    [3, 4],
  )
})

test('serves again what is in its root', async () => {
  const root = temporaryFolder('registry')
  const first = await opened(startRegistry({ root }))
  const pushed = await pushManifest(first.address, 'acme/scim', { tag: '1.0.0' })
  await first.close()
  const second = await opened(startRegistry({ root }))
  const answer = await ask(second.address, 'GET /v2/acme/scim/manifests/1.0.0')
  assert.is(digestOf(answer.body), pushed.headers.get('docker-content-digest'))
})

test('keeps an immutable tag where it is, and takes the same manifest again', async () => {
  const registry = await opened(startRegistry({ immutableTags: /^\d/ }))
  const push = async (tag: string, text: string): Promise<number> =>
    (await pushManifest(registry.address, 'acme/scim', { tag, text })).status
  assert.is(await push('1.0.0', 'one'), 201)
  assert.is(await push('1.0.0', 'one'), 201)
  assert.is(await push('1.0.0', 'two'), 409)
  const deleted = await ask(registry.address, 'DELETE /v2/acme/scim/manifests/1.0.0')
  assert.is(deleted.status, 409)
  const digest = digestOf(smallManifest('one'))
  const whole = await ask(registry.address, `DELETE /v2/acme/scim/manifests/${digest}`)
  assert.is(whole.status, 409)
  assert.is(await push('latest', 'one'), 201)
  assert.is(await push('latest', 'two'), 201)
})

test('keeps immutable tags from tag parameters too, and sets none of them then', async () => {
  const registry = await opened(startRegistry({ immutableTags: /^\d/ }))
  await pushManifest(registry.address, 'acme/scim', { tag: '1.0.0', text: 'one' })
  const body = smallManifest('two')
  const path = `/v2/acme/scim/manifests/${digestOf(body)}?tag=latest&tag=1.0.0`
  const headers = { 'Content-Type': IMAGE }
  assert.is((await ask(registry.address, `PUT ${path}`, { body, headers })).status, 409)
  const latest = await ask(registry.address, 'GET /v2/acme/scim/manifests/latest')
  assert.is(latest.status, 404)
})

test('takes manifests of things that are not there, where it shall', async () => {
  const more = { layers: [{ mediaType: IMAGE, digest: digestOf('none'), size: 1 }] }
  const push = async (sparse: boolean): Promise<number> => {
    const { address } = await opened(startRegistry({ sparse }))
    return (await pushManifest(address, 'a', { tag: '1', more })).status
  }
  assert.equal([await push(false), await push(true)], [400, 201])
})

test('tells of every request when it has been answered', async () => {
  const seen: (number | undefined)[] = []
  const onRequest = ({ status }: LoggedRequest): number => seen.push(status)
  const { address } = await opened(startRegistry({ onRequest, keep: 0 }))
  await ask(address, 'GET /v2/')
  await ask(address, 'GET /v2/none/tags/list')
  assert.equal(seen, [200, 404])
})

test('speaks https with a certificate that it is given', async () => {
  const folder = temporaryFolder('tls')
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1']
  const out = ['-nodes', '-keyout', key, '-out', cert]
  execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', ...out, ...subject], {
    stdio: 'ignore',
  })
  const tls = { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') }
  const { address } = await opened(startRegistry({ tls, auth: { kind: 'bearer', users: {} } }))
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    get(`https://${address}/v2/`, { ca: tls.cert, agent: false }, resolve).on('error', reject)
  })
  const { statusCode, headers } = (await answered).resume()
  assert.is(statusCode, 401)
  assert.match(headers['www-authenticate'] ?? '', `realm="https://${address}/token"`)
})

test("can be wrapped in behaviour of one's own", async () => {
  const registry = await opened(
    startRegistry({
      wrap: (next) => async (request) =>
        request.method === 'DELETE' ? { status: 418 } : next(request),
    }),
  )
  assert.is((await ask(registry.address, 'DELETE /v2/')).status, 418)
  assert.is((await ask(registry.address, 'GET /v2/')).status, 200)
})

test('says when the port is taken', async () => {
  const registry = await opened(startRegistry())
  const error = await rejects(startRegistry({ listen: registry.address }), 'ERR_PORT_IN_USE')
  assert.match(error.message, registry.address)
  assert.match(error.hint ?? '', 'another port')
})

test('says when the root cannot be a folder', async () => {
  await rejects(startRegistry({ root: '/dev/null/registry' }), 'ERR_NOT_WRITABLE')
})

test('says what an address looks like', async () => {
  await rejects(startRegistry({ listen: 'nowhere' }), 'ERR_INVALID_ADDRESS')
})

test.run()
