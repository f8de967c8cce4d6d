import { randomBytes } from 'node:crypto'
import { digestOf } from '@waybill/core'
import { profileNames, startRegistry, type ProfileName, type TestRegistry } from '@waybill/testkit'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { closingAfter } from '../helpers/closing.ts'
import { startDockerRegistry } from '../helpers/docker-registry.ts'
import { interview } from '../helpers/interview.ts'
import { testWith } from '../helpers/needs.ts'
import { ask, IMAGE, pushManifest, smallManifest } from '../helpers/push.ts'
import { rejects } from '../helpers/rejects.ts'

const test = suite('profiles')
const opened = closingAfter(test)

const like = (name: ProfileName, more: object = {}): Promise<TestRegistry> =>
  opened(startRegistry({ like: name, ...more }))

const codeIn = (body: Buffer): string => JSON.parse(body.toString()).errors[0].code

/** Pushes a blob as a careful client does: begin, then put all of it to the location given. */
async function upload(address: string, name: string, bytes: Buffer, query = ''): Promise<number> {
  const begun = await ask(address, `POST /v2/${name}/blobs/uploads/${query}`)
  if (begun.status !== 202) return begun.status
  const location = `${begun.headers.get('location')}&digest=${digestOf(bytes)}`
  return (await ask(address, `PUT ${location}`, { body: bytes })).status
}

async function putManifest(address: string, name: string, tag: string, text = ''): Promise<number> {
  await upload(address, name, Buffer.from('{}'))
  const init = { body: smallManifest(text), headers: { 'Content-Type': IMAGE } }
  return (await ask(address, `PUT /v2/${name}/manifests/${tag}`, init)).status
}

for (const name of profileNames) {
  test(`${name} can be pushed to and pulled from by a careful client`, async () => {
    const { address } = await like(name)
    const bytes = randomBytes(100_000)
    assert.is(await upload(address, 'acme/scim', bytes), 201)
    assert.is(await putManifest(address, 'acme/scim', '1.0.0'), 201)
    const init = { headers: { Accept: IMAGE } }
    const manifest = await ask(address, 'GET /v2/acme/scim/manifests/1.0.0', init)
    assert.is(manifest.body.toString(), smallManifest(''))
    const path = `/v2/acme/scim/blobs/${digestOf(bytes)}`
    const blob = await fetch(`http://${address}${path}`, { redirect: 'follow' })
    assert.is(digestOf(new Uint8Array(await blob.arrayBuffer())), digestOf(bytes))
  })
}

for (const name of ['ghcr', 'ecr', 'dockerhub', 'quay'] as const) {
  test(`${name} keeps blobs on a server that takes no second credentials`, async () => {
    const { address } = await like(name)
    await upload(address, 'a', Buffer.from('{}'))
    const moved = await ask(address, `GET /v2/a/blobs/${digestOf('{}')}`)
    assert.is(moved.status, 307)
    const location = moved.headers.get('location') ?? ''
    assert.is.not(new URL(location).host, address)
    assert.is((await ask(address, `GET ${location}`)).body.toString(), '{}')
    const headers = { Authorization: 'Bearer secret' }
    assert.is((await ask(address, `GET ${location}`, { headers })).status, 400)
    assert.is((await ask(address, `GET ${location.split('?')[0]}`)).status, 403)
  })
}

test('ghcr takes chunks of 4 MiB at most, and any size at once', async () => {
  const { address } = await like('ghcr')
  const chunk = async (size: number): Promise<number> => {
    const begun = await ask(address, 'POST /v2/a/blobs/uploads/')
    const headers = { 'Content-Range': `0-${size - 1}` }
    const line = `PATCH ${begun.headers.get('location')}`
    return (await ask(address, line, { body: randomBytes(size), headers })).status
  }
  assert.is(await chunk(4 * 1024 * 1024), 202)
  assert.is(await chunk(4 * 1024 * 1024 + 1), 416)
  assert.is(await upload(address, 'a', randomBytes(5 * 1024 * 1024)), 201)
})

for (const [name, status] of [
  ['ghcr', 403],
  ['dockerhub', 401],
] as const) {
  test(`${name} tells only who may push that a repository is not there`, async () => {
    const auth = { users: { ann: 'secret' } }
    const { address } = await like(name, { auth })
    const basic = `Basic ${Buffer.from('ann:secret').toString('base64')}`
    const head = async (actions: string): Promise<number> => {
      const line = `GET /token?scope=repository:acme/none:${actions}`
      const { body } = await ask(address, line, { headers: { Authorization: basic } })
      const { token } = JSON.parse(body.toString()) as { token: string }
      const headers = { Authorization: `Bearer ${token}` }
      return (await ask(address, 'HEAD /v2/acme/none/manifests/1.0.0', { headers })).status
    }
    assert.equal([await head('pull'), await head('pull,push')], [status, 404])
  })
}

test('ghcr has no referrers and deletes nothing', async () => {
  const { address } = await like('ghcr')
  const subject = { mediaType: IMAGE, digest: digestOf('x'), size: 1 }
  const pushed = await pushManifest(address, 'a', { tag: '1', more: { subject } })
  assert.is(pushed.headers.get('oci-subject'), null)
  assert.is((await ask(address, `GET /v2/a/referrers/${digestOf('x')}`)).status, 404)
  assert.is((await ask(address, 'DELETE /v2/a/manifests/1')).status, 405)
})

test('ghcr passes over tag parameters', async () => {
  const { address } = await like('ghcr')
  await upload(address, 'a', Buffer.from('{}'))
  const line = `PUT /v2/a/manifests/${digestOf(smallManifest(''))}?tag=1`
  const init = { body: smallManifest(''), headers: { 'Content-Type': IMAGE } }
  const { status, headers } = await ask(address, line, init)
  assert.equal([status, headers.get('oci-tag')], [201, null])
  assert.is((await ask(address, 'GET /v2/a/manifests/1')).status, 404)
})

test('ghcr gives tags in pages of a hundred', async () => {
  const { address } = await like('ghcr')
  for (let n = 0; n < 101; n++) await pushManifest(address, 'a', { tag: `t${n}` })
  const first = await ask(address, 'GET /v2/a/tags/list')
  assert.is(JSON.parse(first.body.toString()).tags.length, 100)
  const [, next = ''] = /<(.*)>/.exec(first.headers.get('link') ?? '') ?? []
  const second = await ask(address, `GET ${next}`)
  assert.equal(JSON.parse(second.body.toString()).tags, ['t99'])
  assert.is(second.headers.get('link'), null)
})

test('ecr knows the repositories that were made, and no others', async () => {
  const { address } = await like('ecr', { repositories: ['made'] })
  assert.is(await upload(address, 'made', Buffer.from('x')), 201)
  const other = await ask(address, 'POST /v2/other/blobs/uploads/')
  assert.is(other.status, 404)
  assert.is(codeIn(other.body), 'NAME_UNKNOWN')
})

test('ecr refuses an immutable tag even where nothing would change', async () => {
  const { address } = await like('ecr', { immutableTags: true })
  assert.is(await putManifest(address, 'a', '1.0.0'), 201)
  assert.is(await putManifest(address, 'a', '1.0.0'), 400)
  assert.is(await putManifest(address, 'a', '1.0.0', 'other'), 400)
})

test('ecr forgets all chunks but the first', async () => {
  const { address } = await like('ecr')
  const begun = await ask(address, 'POST /v2/a/blobs/uploads/')
  let location = begun.headers.get('location')
  for (const body of ['one', 'two']) {
    const answer = await ask(address, `PATCH ${location}`, { body })
    assert.is(answer.status, 201)
    location = answer.headers.get('location')
  }
  const end = await ask(address, `PUT ${location}&digest=${digestOf('onetwo')}`)
  assert.is(codeIn(end.body), 'DIGEST_INVALID')
})

test('ecr acknowledges subjects it cannot list, mounts nothing, refuses large pages', async () => {
  const { address } = await like('ecr')
  await upload(address, 'a', Buffer.from('{}'))
  const subject = { mediaType: IMAGE, digest: digestOf('x'), size: 1 }
  const init = { body: smallManifest('', { subject }), headers: { 'Content-Type': IMAGE } }
  const pushed = await ask(address, 'PUT /v2/a/manifests/1', init)
  assert.is(pushed.headers.get('oci-subject'), digestOf('x'))
  assert.is((await ask(address, `GET /v2/a/referrers/${digestOf('x')}`)).status, 404)
  const mount = `POST /v2/b/blobs/uploads/?mount=${digestOf('{}')}&from=a`
  assert.is((await ask(address, mount)).status, 202)
  assert.is((await ask(address, 'GET /v2/a/tags/list?n=1001')).status, 400)
})

test('dockerhub counts the manifests that are got, not those that are looked at', async () => {
  const { address } = await like('dockerhub')
  await putManifest(address, 'a', '1')
  const line = 'HEAD /v2/a/manifests/1'
  const left = async (): Promise<string | null> =>
    (await ask(address, line)).headers.get('ratelimit-remaining')
  assert.is(await left(), '200;w=21600')
  for (let n = 0; n < 200; n++) await ask(address, 'GET /v2/a/manifests/1')
  assert.is(await left(), '0;w=21600')
  const refused = await ask(address, 'GET /v2/a/manifests/1')
  assert.is(refused.status, 429)
  assert.is(codeIn(refused.body), 'TOOMANYREQUESTS')
})

test('dockerhub answers 401 for mounts that cannot be', async () => {
  const { address } = await like('dockerhub')
  const mount = `POST /v2/b/blobs/uploads/?mount=${digestOf('{}')}&from=none`
  assert.is((await ask(address, mount)).status, 401)
})

test('quay fails on a mount that says not from where', async () => {
  const { address } = await like('quay')
  const line = `POST /v2/b/blobs/uploads/?mount=${digestOf('{}')}`
  assert.is((await ask(address, line)).status, 400)
  assert.is((await ask(address, `${line}&from=none`)).status, 202)
})

test('harbor tells other lengths with HEAD than with GET', async () => {
  const { address } = await like('harbor')
  await pushManifest(address, 'a', { tag: '1', text: 'a'.repeat(1000) })
  const get = await ask(address, 'GET /v2/a/manifests/1')
  const head = await ask(address, 'HEAD /v2/a/manifests/1')
  assert.is(get.headers.get('content-length'), `${get.body.byteLength}`)
  assert.is.not(head.headers.get('content-length'), get.headers.get('content-length'))
})

test('harbor answers 412 for an immutable tag, and a code of its own for what is not there', async () => {
  const { address } = await like('harbor', { immutableTags: /^1/ })
  assert.is(await putManifest(address, 'a', '1'), 201)
  assert.is(await putManifest(address, 'a', '1', 'other'), 412)
  const { status, body } = await ask(address, 'GET /v2/none/manifests/1')
  assert.equal([status, codeIn(body)], [404, 'NOT_FOUND'])
})

test('are asked for by name, the nearest being suggested', async () => {
  const error = await rejects(startRegistry({ like: 'gchr' as ProfileName }), 'ERR_UNKNOWN_PROFILE')
  assert.match(error.message, 'did you mean "ghcr"?')
  assert.is(error.outcome, 'usage')
})

testWith(
  test,
  ['docker-registry'],
  'distribution-2.8 answers as docker-registry does',
  async () => {
    const real = await startDockerRegistry()
    try {
      const { address } = await like('distribution-2.8')
      assert.equal(await interview(address), await interview(real.address))
    } finally {
      await real.stop()
    }
  },
)

test.run()
