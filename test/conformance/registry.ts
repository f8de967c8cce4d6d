// The registry against the OCI distribution specification 1.1 and what its main branch adds, clause by clause, in memory and on disk.
import { randomBytes } from 'node:crypto'
import { digestOf } from '@waybill/core'
import * as assert from 'uvu/assert'
import { ask, pushBlob, type Answer } from '../helpers/push.ts'
import { codeIn, forEachStorage, sha512 } from '../helpers/storages.ts'

const begin = async (at: string, query = ''): Promise<string> => {
  const answer = await ask(at, `POST /v2/a/blobs/uploads/${query}`)
  assert.is(answer.status, 202)
  return answer.headers.get('location') ?? ''
}

forEachStorage('distribution specification: blobs', (test) => {
  test('end-1: answers /v2/', async ({ at }) => {
    const { status, headers } = await ask(at, 'GET /v2/')
    assert.is(status, 200)
    assert.is(headers.get('docker-distribution-api-version'), 'registry/2.0')
  })

  test('end-2: gives a blob, its length and its digest; 404 where there is none', async ({
    at,
  }) => {
    const digest = await pushBlob(at, 'a', Buffer.from('hello'))
    for (const method of ['GET', 'HEAD']) {
      const { status, headers, body } = await ask(at, `${method} /v2/a/blobs/${digest}`)
      assert.is(status, 200)
      assert.is(headers.get('content-length'), '5')
      assert.is(headers.get('docker-content-digest'), digest)
      assert.is(body.toString(), method === 'GET' ? 'hello' : '')
    }
    const absent = await ask(at, `GET /v2/a/blobs/${digestOf('none')}`)
    assert.equal([absent.status, codeIn(absent)], [404, 'BLOB_UNKNOWN'])
    const nowhere = await ask(at, `GET /v2/b/blobs/${digest}`)
    assert.equal([nowhere.status, codeIn(nowhere)], [404, 'NAME_UNKNOWN'])
  })

  test('end-2: gives a part of a blob', async ({ at }) => {
    const path = `/v2/a/blobs/${await pushBlob(at, 'a', Buffer.from('0123456789'))}`
    const part = (range: string): Promise<Answer> =>
      ask(at, `GET ${path}`, { headers: { Range: `bytes=${range}` } })
    const expected = [
      ['2-4', '234', 'bytes 2-4/10'],
      ['7-', '789', 'bytes 7-9/10'],
      ['-3', '789', 'bytes 7-9/10'],
      ['8-99', '89', 'bytes 8-9/10'],
    ] as const
    for (const [range, text, header] of expected) {
      const { status, headers, body } = await part(range)
      assert.equal([status, body.toString(), headers.get('content-range')], [206, text, header])
    }
    for (const range of ['5-2', '10-12']) assert.is((await part(range)).status, 416)
    assert.is((await part('a-b')).status, 200)
  })

  test('end-4a, end-6: takes a blob with POST, then PUT', async ({ at }) => {
    const location = await begin(at)
    const digest = digestOf('hello')
    const { status, headers } = await ask(at, `PUT ${location}&digest=${digest}`, { body: 'hello' })
    assert.is(status, 201)
    assert.is((await ask(at, `GET ${headers.get('location')}`)).body.toString(), 'hello')
    assert.is((await ask(at, `PUT ${location}&digest=${digest}`)).status, 404)
  })

  test('end-4b: takes a blob with one POST, an empty one too', async ({ at }) => {
    for (const text of ['hello', '']) {
      const digest = await pushBlob(at, 'a', Buffer.from(text))
      assert.is((await ask(at, `GET /v2/a/blobs/${digest}`)).body.toString(), text)
    }
  })

  test('end-4c: takes sha512, announced or not', async ({ at }) => {
    for (const query of ['?digest-algorithm=sha512', '']) {
      const bytes = randomBytes(1000)
      const location = await begin(at, query)
      const line = `PUT ${location}&digest=${sha512(bytes)}`
      assert.is((await ask(at, line, { body: bytes })).status, 201)
      const blob = await ask(at, `GET /v2/a/blobs/${sha512(bytes)}`)
      assert.is(sha512(blob.body), sha512(bytes))
    }
    const other = await ask(at, 'POST /v2/a/blobs/uploads/?digest-algorithm=md5')
    assert.equal([other.status, codeIn(other)], [400, 'DIGEST_INVALID'])
  })

  test('end-5: takes chunks in order, and tells where it is when they are not', async ({ at }) => {
    let location = await begin(at)
    const chunk = (text: string, range: string): Promise<Answer> =>
      ask(at, `PATCH ${location}`, { body: text, headers: { 'Content-Range': range } })
    const first = await chunk('hello', '0-4')
    assert.equal([first.status, first.headers.get('range')], [202, '0-4'])
    location = first.headers.get('location') ?? ''
    assert.is((await chunk('!', '9-9')).status, 416)
    assert.is((await chunk('h', '0-0')).status, 416)
    assert.is((await chunk(' world', '5-5')).status, 400)
    const state = await ask(at, `GET ${location}`)
    assert.equal([state.status, state.headers.get('range')], [204, '0-4'])
    location = state.headers.get('location') ?? ''
    const second = await chunk(' wor', '5-8')
    location = `${second.headers.get('location')}&digest=${digestOf('hello world')}`
    const headers = { 'Content-Range': '9-10' }
    assert.is((await ask(at, `PUT ${location}`, { body: 'ld', headers })).status, 201)
    const blob = await ask(at, `GET /v2/a/blobs/${digestOf('hello world')}`)
    assert.is(blob.body.toString(), 'hello world')
  })

  test('end-5: takes a stream without a length', async ({ at }) => {
    const bytes = randomBytes(300_000)
    const body = new Blob([bytes]).stream()
    const init = { body, duplex: 'half' } as RequestInit
    const { status, headers } = await ask(at, `PATCH ${await begin(at)}`, init)
    assert.equal([status, headers.get('range')], [202, '0-299999'])
    const end = await ask(at, `PUT ${headers.get('location')}&digest=${digestOf(bytes)}`)
    assert.is(end.status, 201)
  })

  test('end-5: takes nothing for a location that is not the last one', async ({ at }) => {
    const location = await begin(at)
    await ask(at, `PATCH ${location}`, { body: 'a' })
    assert.is((await ask(at, `PATCH ${location}`, { body: 'a' })).status, 416)
    const cut = location.split('?')[0]
    assert.is((await ask(at, `PATCH ${cut}`, { body: 'a' })).status, 416)
  })

  test('end-6: refuses bytes that are not what their digest says, and keeps none', async ({
    at,
  }) => {
    const location = await begin(at)
    const digest = digestOf('hello')
    const wrong = await ask(at, `PUT ${location}&digest=${digest}`, { body: 'hullo' })
    assert.equal([wrong.status, codeIn(wrong)], [400, 'DIGEST_INVALID'])
    assert.is((await ask(at, `HEAD /v2/a/blobs/${digest}`)).status, 404)
    assert.is((await ask(at, `HEAD /v2/a/blobs/${digestOf('hullo')}`)).status, 404)
    for (const bad of ['sha256:abc', digest.toUpperCase(), 'md5:x', '']) {
      const { status } = await ask(at, `PUT ${await begin(at)}&digest=${bad}`, { body: 'hello' })
      assert.is(status, 400)
    }
  })

  test('end-11: mounts from a repository, or from anywhere; else an upload begins', async ({
    at,
  }) => {
    const digest = await pushBlob(at, 'a', Buffer.from('hello'))
    const mount = (name: string, query: string): Promise<Answer> =>
      ask(at, `POST /v2/${name}/blobs/uploads/?mount=${query}`)
    assert.is((await mount('b', `${digest}&from=a`)).status, 201)
    assert.is((await mount('c', digest)).status, 201)
    const begun = await mount('d', `${digest}&from=none`)
    assert.is(begun.status, 202)
    assert.match(begun.headers.get('location') ?? '', '/v2/d/blobs/uploads/')
    await ask(at, `DELETE /v2/a/blobs/${digest}`)
    for (const [name, status] of [
      ['a', 404],
      ['b', 200],
      ['c', 200],
      ['d', 404],
    ] as const) {
      assert.is((await ask(at, `HEAD /v2/${name}/blobs/${digest}`)).status, status)
    }
  })

  test('end-13, end-14: tells of an upload, cancels it, and knows it no more', async ({ at }) => {
    const location = await begin(at)
    assert.is((await ask(at, `GET ${location}`)).status, 204)
    assert.is((await ask(at, `GET ${location.replace('/a/', '/b/')}`)).status, 404)
    assert.is((await ask(at, `DELETE ${location}`)).status, 204)
    const gone = await ask(at, `GET ${location}`)
    assert.equal([gone.status, codeIn(gone)], [404, 'BLOB_UPLOAD_UNKNOWN'])
  })

  test('names that cannot be are refused, and paths that lead nowhere', async ({ at }) => {
    for (const name of [
      'UPPER',
      'a..b',
      '../etc',
      'a//b',
      '-a',
      '_a',
      'x'.repeat(256),
      '%2e%2e/x',
    ]) {
      const { status } = await ask(at, `POST /v2/${name}/blobs/uploads/`)
      assert.ok(status === 400 || status === 404, `${name}: ${status}`)
    }
    for (const line of ['GET /', 'GET /v3/', 'GET /v2/a/other', 'GET /v2/%ff']) {
      assert.ok((await ask(at, line)).status >= 400, line)
    }
    assert.is((await ask(at, 'POST /v2/a/manifests/1')).status, 405)
  })
})
