import { digestOf } from '@waybill/core'
import {
  startRegistry,
  type AuthOptions,
  type ProfileName,
  type TestRegistry,
} from '@waybill/testkit'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { closingAfter } from '../helpers/closing.ts'
import { ask, type Answer } from '../helpers/push.ts'

const test = suite('auth')
const opened = closingAfter(test)

const users = { ann: 'se:cret' }
const start = (auth: Partial<AuthOptions>, like?: ProfileName): Promise<TestRegistry> =>
  opened(startRegistry({ like, auth: { users, ...auth } }))

const basic = (user: string, password: string): { headers: { Authorization: string } } => ({
  headers: { Authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` },
})

const bearer = (token: string): { headers: { Authorization: string } } => ({
  headers: { Authorization: `Bearer ${token}` },
})

const challenge = ({ headers }: Answer): string => headers.get('www-authenticate') ?? ''

async function tokenFor(
  address: string,
  scopes: readonly string[],
  init: RequestInit = basic('ann', 'se:cret'),
): Promise<string> {
  const query = new URLSearchParams(scopes.map((scope): [string, string] => ['scope', scope]))
  const answer = await ask(address, `GET /token?service=testkit&${query}`, init)
  return JSON.parse(answer.body.toString()).token
}

test('basic lets in who knows the password, colon and all', async () => {
  const { address } = await start({})
  const refused = await ask(address, 'GET /v2/')
  assert.is(refused.status, 401)
  assert.is(challenge(refused), 'Basic realm="Registry"')
  assert.is((await ask(address, 'GET /v2/', basic('ann', 'se:cret'))).status, 200)
  assert.is((await ask(address, 'GET /v2/', basic('ann', 'se'))).status, 401)
  assert.is((await ask(address, 'GET /v2/', basic('toString', ''))).status, 401)
})

test('basic lets everybody read where that is wished, and nobody with a wrong password', async () => {
  const { address } = await start({ anonymous: true })
  assert.is((await ask(address, 'GET /v2/')).status, 200)
  assert.is((await ask(address, 'GET /v2/', basic('ann', 'wrong'))).status, 401)
  assert.is((await ask(address, 'POST /v2/a/blobs/uploads/')).status, 401)
})

test('bearer asks for a token with just the rights that are needed', async () => {
  const { address } = await start({ kind: 'bearer' })
  const realm = `Bearer realm="http://${address}/token",service="testkit"`
  const on = async (line: string): Promise<string> => challenge(await ask(address, line))
  assert.is(await on('GET /v2/'), realm)
  assert.is(await on('HEAD /v2/a/b/manifests/1'), `${realm},scope="repository:a/b:pull"`)
  assert.is(await on('POST /v2/a/b/blobs/uploads/'), `${realm},scope="repository:a/b:pull,push"`)
  assert.is(await on('DELETE /v2/a/b/manifests/1'), `${realm},scope="repository:a/b:delete"`)
})

test('bearer takes a token for what it was made for only', async () => {
  const { address } = await start({ kind: 'bearer' })
  const pull = bearer(await tokenFor(address, ['repository:a:pull']))
  assert.is((await ask(address, 'GET /v2/', pull)).status, 200)
  assert.is((await ask(address, 'GET /v2/a/tags/list', pull)).status, 404)
  assert.is((await ask(address, 'GET /v2/b/tags/list', pull)).status, 401)
  const lacking = await ask(address, 'POST /v2/a/blobs/uploads/', pull)
  assert.match(challenge(lacking), 'error="insufficient_scope"')
  const push = bearer(await tokenFor(address, ['repository:a:pull,push']))
  assert.is((await ask(address, 'POST /v2/a/blobs/uploads/', push)).status, 202)
})

test('bearer gives no token to who does not know the password', async () => {
  const { address } = await start({ kind: 'bearer' })
  assert.is((await ask(address, 'GET /token', basic('ann', 'wrong'))).status, 401)
  assert.is((await ask(address, 'GET /token')).status, 401)
})

test('bearer gives the right to pull, and no other, to everybody where that is wished', async () => {
  const { address } = await start({ kind: 'bearer', anonymous: true })
  const token = bearer(await tokenFor(address, ['repository:a:pull,push'], {}))
  assert.is((await ask(address, 'GET /v2/a/tags/list', token)).status, 404)
  assert.is((await ask(address, 'POST /v2/a/blobs/uploads/', token)).status, 401)
})

test('bearer knows its own tokens', async () => {
  const { address } = await start({ kind: 'bearer' })
  const token = await tokenFor(address, ['repository:a:pull'])
  const [, signature] = token.split('.')
  const claim = { jti: 'x', rights: ['a:pull', 'a:push'] }
  const forged = Buffer.from(JSON.stringify(claim)).toString('base64url')
  for (const wrong of [`${forged}.${signature}`, forged, '', 'x.y', 'null']) {
    assert.is((await ask(address, 'GET /v2/a/tags/list', bearer(wrong))).status, 401)
  }
})

test('a token ends after so many requests', async () => {
  const { address } = await start({ kind: 'bearer', tokenUses: 2 })
  const token = bearer(await tokenFor(address, ['repository:a:pull']))
  const statuses: number[] = []
  for (let n = 0; n < 3; n++) statuses.push((await ask(address, 'GET /v2/', token)).status)
  assert.equal(statuses, [200, 200, 401])
})

test('a token can be asked for with a form', async () => {
  const { address } = await start({ kind: 'bearer' })
  const form = { grant_type: 'password', username: 'ann', password: 'se:cret' }
  const body = new URLSearchParams({ ...form, scope: 'repository:a:pull repository:b:pull' })
  const answer = await ask(address, 'POST /token', { body })
  const { access_token: token } = JSON.parse(answer.body.toString())
  assert.is((await ask(address, 'GET /v2/b/tags/list', bearer(token))).status, 404)
})

test('a blob is mounted only where the token may read its source', async () => {
  const { address } = await start({ kind: 'bearer' })
  const own = bearer(await tokenFor(address, ['repository:a:pull,push']))
  const path = `/v2/a/blobs/uploads/?digest=${digestOf('x')}`
  assert.is((await ask(address, `POST ${path}`, { ...own, body: 'x' })).status, 201)
  const mount = `POST /v2/b/blobs/uploads/?mount=${digestOf('x')}&from=a`
  const foreign = bearer(await tokenFor(address, ['repository:b:pull,push']))
  assert.is((await ask(address, mount, foreign)).status, 202)
  const both = ['repository:b:pull,push', 'repository:a:pull']
  assert.is((await ask(address, mount, bearer(await tokenFor(address, both)))).status, 201)
})

test('no way leads round the rights, not even the storage beside a registry', async () => {
  for (const like of [undefined, 'quay'] as const) {
    const { address } = await start({}, like)
    const signed = '?X-Amz-Signature=5ca1ab1e'
    const lines = [
      'GET /_storage/a/manifests/1',
      'GET /_storage/a/tags/list',
      'POST /_storage/a/blobs/uploads/',
    ]
    for (const line of lines) {
      const { status } = await ask(address, `${line}${signed}`)
      assert.is(status, like === undefined ? 401 : 403, line)
    }
    const refused = await ask(address, 'GET /v2/')
    assert.is(refused.headers.get('docker-distribution-api-version'), 'registry/2.0')
  }
})

test('quay gives nothing to who asks for the right to delete', async () => {
  const { address } = await start({}, 'quay')
  const line = 'GET /token?scope=repository:a:pull,push,delete'
  assert.is((await ask(address, line, basic('ann', 'se:cret'))).status, 400)
})

test('a profile asks in the way of its registry', async () => {
  const ecr = await start({}, 'ecr')
  assert.match(challenge(await ask(ecr.address, 'GET /v2/')), /^Basic/)
  const ghcr = await start({}, 'ghcr')
  assert.match(challenge(await ask(ghcr.address, 'GET /v2/')), /^Bearer/)
})

test.run()
