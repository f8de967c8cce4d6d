import { randomBytes } from 'node:crypto'
import { existsSync, readdirSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { digestOf } from '@waybill/core'
import { startRegistry } from '@waybill/testkit'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { closingAfter } from '../helpers/closing.ts'
import { ask, IMAGE, pushBlob, pushManifest, smallManifest } from '../helpers/push.ts'
import { temporaryFolder } from '../helpers/temporary.ts'

const test = suite('registry under strain')
const opened = closingAfter(test)
const full = process.env['WAYBILL_FULL'] === '1'

// xorshift32: the same inputs in every run.
function dice(seed: number): (sides: number) => number {
  let state = seed
  return (sides) => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % sides
  }
}

/** Writes bytes to a connection and gives the status line back; empty where the connection was closed. */
function raw(address: string, text: string): Promise<string> {
  const [host, port] = address.split(':')
  return new Promise((resolve) => {
    const socket = connect(Number(port), host, () => socket.end(text))
    let answer = ''
    socket.on('data', (chunk: Buffer) => (answer += chunk.toString('latin1')))
    socket.on('error', () => {})
    socket.on('close', () => resolve(answer.split('\r\n')[0] ?? ''))
  })
}

const PARTS = [
  '/v2/', 'acme', '/', '..', '%2e%2e', '%2f', '%00', '\\', '//', 'blobs', 'uploads', 'manifests', 'tags/list',
  'referrers', '?', 'n=-1', 'n=99999999999', 'last=%ff', 'mount=', 'from=../../x', 'digest=', 'sha256:', 'a'.repeat(64),
  '_state=', 'tag=../x', '&', '1.0.0', ':', '@', '#', ' ', '_tags', '_catalog', '_storage/', 'token?scope=', 'é',
] as const // prettier-ignore
const METHODS = ['GET', 'HEAD', 'PUT', 'POST', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND'] as const
const HEADERS = [
  'Range: bytes=9-1', 'Range: bytes=-', 'Content-Range: 5-2', 'Content-Range: x', 'Content-Length: 3', 'Expect: 100-continue',
  'Transfer-Encoding: chunked', 'Content-Type: ;;', 'Authorization: Basic !', 'Accept: */*', 'Content-Length: -1',
] as const // prettier-ignore

test('answers whatever it is asked, and writes nothing outside its root', async () => {
  const parent = temporaryFolder('strain')
  const { address } = await opened(startRegistry({ root: join(parent, 'root') }))
  await pushManifest(address, 'acme', { tag: '1.0.0' })
  const roll = dice(7)
  const one = <Item>(items: readonly Item[]): Item => items[roll(items.length)]!
  for (let n = 0; n < (full ? 50_000 : 600); n++) {
    const path = `/v2/${Array.from({ length: roll(7) }, () => one(PARTS)).join('')}`
    const head = `${one(METHODS)} ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${one(HEADERS)}\r\n\r\nabc`
    const status = await raw(address, head)
    assert.match(status, /^(HTTP\/1\.1 [1234]\d\d .*)?$/, head)
  }
  assert.is((await ask(address, 'GET /v2/acme/manifests/1.0.0')).status, 200)
  assert.equal(readdirSync(parent), ['root'])
  assert.not.ok(existsSync(join(parent, 'root', 'x')))
})

test('answers whatever manifest it is given', async () => {
  const { address } = await opened(startRegistry())
  await pushBlob(address, 'a', Buffer.from('{}'))
  const roll = dice(11)
  const whole = Buffer.from(
    smallManifest('x', { subject: { digest: digestOf('x') }, manifests: [] }),
  )
  const values = ['null', '[]', '{}', '1e999', '""', '[null]', '{"digest":null}', '[{"digest":[]}]']
  const names = [
    'config',
    'layers',
    'subject',
    'manifests',
    'mediaType',
    'annotations',
    'artifactType',
  ]
  for (let n = 0; n < (full ? 20_000 : 300); n++) {
    const bytes = Buffer.from(whole)
    bytes[roll(bytes.byteLength)] = roll(256)
    const made = `{"${names[roll(names.length)]}":${values[roll(values.length)]}}`
    const body = n % 2 === 0 ? bytes : Buffer.from(made)
    const init = { body, headers: { 'Content-Type': IMAGE } }
    const { status } = await ask(address, `PUT /v2/a/manifests/t${n % 9}`, init)
    assert.ok([201, 400].includes(status), `${status}: ${body.toString()}`)
    if (n % 50 === 0) {
      const listed = await ask(address, `GET /v2/a/referrers/${digestOf('x')}`)
      assert.is(listed.status, 200)
    }
  }
})

for (const storage of ['memory', 'disk']) {
  test(`takes the same blob and the same tag from many at once, ${storage}`, async () => {
    const root = storage === 'disk' ? temporaryFolder('many') : undefined
    const { address } = await opened(startRegistry({ root }))
    const bytes = randomBytes(300_000)
    await Promise.all(Array.from({ length: 12 }, () => pushBlob(address, 'a', bytes)))
    assert.is(
      digestOf((await ask(address, `GET /v2/a/blobs/${digestOf(bytes)}`)).body),
      digestOf(bytes),
    )
    const texts = Array.from({ length: 12 }, (_, n) => `${n}`)
    const put = await Promise.all(
      texts.map((text) => pushManifest(address, 'a', { tag: '1', text })),
    )
    assert.ok(put.every(({ status }) => status === 201))
    const { body } = await ask(address, 'GET /v2/a/manifests/1')
    assert.ok(texts.some((text) => body.toString() === smallManifest(text)))
  })
}

test('never fails on what is removed while it is read', async () => {
  const { address } = await opened(startRegistry({ root: temporaryFolder('removed') }))
  const statuses = new Set<number>()
  for (let round = 0; round < 10; round++) {
    await pushManifest(address, 'a', { tag: '1', text: `${round}` })
    const lines = ['GET /v2/a/manifests/1', 'GET /v2/a/manifests/1', 'DELETE /v2/a/manifests/1']
    const digest = digestOf(smallManifest(`${round}`))
    const all = [...lines, `DELETE /v2/a/manifests/${digest}`, ...lines, 'GET /v2/a/tags/list']
    const answers = await Promise.all(all.map((line) => ask(address, line)))
    for (const { status } of answers) statuses.add(status)
  }
  assert.equal(
    [...statuses].filter((status) => ![200, 202, 404].includes(status)),
    [],
  )
})

test('gives an immutable tag to exactly one of many who want it at once', async () => {
  const { address } = await opened(startRegistry({ immutableTags: true }))
  const texts = Array.from({ length: 12 }, (_, n) => `${n}`)
  const push = (text: string): Promise<number> =>
    pushManifest(address, 'a', { tag: '1', text }).then(({ status }) => status)
  const statuses = await Promise.all(texts.map(push))
  assert.equal(statuses.toSorted(), [201, ...Array.from({ length: 11 }, () => 409)])
})

test('keeps two chunks for one place apart', async () => {
  const { address } = await opened(startRegistry())
  const begun = await ask(address, 'POST /v2/a/blobs/uploads/')
  const line = `PATCH ${begun.headers.get('location')}`
  const chunk = (text: string): Promise<number> =>
    ask(address, line, { body: text }).then(({ status }) => status)
  assert.equal((await Promise.all([chunk('one'), chunk('two')])).toSorted(), [202, 416])
})

test.run()
