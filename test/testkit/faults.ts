import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { request as requestHttp } from 'node:http'
import { digestOf } from '@waybill/core'
import { parseFaults, startRegistry, type Fault, type TestRegistry } from '@waybill/testkit'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { closingAfter } from '../helpers/closing.ts'
import { ask, pushBlob, pushManifest } from '../helpers/push.ts'
import { rejects } from '../helpers/rejects.ts'

const test = suite<{ registry: TestRegistry }>('faults')
const opened = closingAfter(test)

test.before.each(async (context) => {
  context.registry = await opened(startRegistry())
})

const fails = async (work: Promise<unknown>): Promise<void> => {
  const outcome = await work.then(
    () => 'an answer',
    () => 'a failure',
  )
  assert.is(outcome, 'a failure')
}

test('are counted from the first request on', async () => {
  const registry = await opened(startRegistry({ faults: '503@2-3' }))
  const seen: number[] = []
  for (let n = 0; n < 4; n++) seen.push((await ask(registry.address, 'GET /v2/')).status)
  assert.equal(seen, [200, 503, 503, 200])
  assert.equal(
    registry.requests.map(({ status }) => status),
    seen,
  )
})

test('count again after inject', async ({ registry }) => {
  registry.inject('503@1')
  assert.is((await ask(registry.address, 'GET /v2/')).status, 503)
  registry.inject('503@2')
  assert.is((await ask(registry.address, 'GET /v2/')).status, 200)
  assert.is((await ask(registry.address, 'GET /v2/')).status, 503)
  registry.inject([])
  assert.is((await ask(registry.address, 'GET /v2/')).status, 200)
})

test('count only the requests that match', async ({ registry }) => {
  registry.inject([{ kind: '500', at: 2, method: 'PUT', path: '/manifests/' }])
  const push = async (tag: string): Promise<number> =>
    (await pushManifest(registry.address, 'a', { tag })).status
  assert.equal([await push('1'), await push('2'), await push('3')], [201, 500, 201])
})

test('429 says when to come again, in the words of the specification', async ({ registry }) => {
  registry.inject('429:7@1')
  const answer = await ask(registry.address, 'GET /v2/')
  assert.is(answer.status, 429)
  assert.is(answer.headers.get('retry-after'), '7')
  assert.is(JSON.parse(answer.body.toString()).errors[0].code, 'TOOMANYREQUESTS')
})

test('5xx come with the page of a gateway', async ({ registry }) => {
  registry.inject('502@1')
  assert.match((await ask(registry.address, 'GET /v2/')).body.toString(), '<html>')
})

test('drop breaks the connection before anything is done', async ({ registry }) => {
  const { address } = registry
  await pushBlob(address, 'a', Buffer.from('{}'))
  registry.inject('drop@2')
  await fails(pushManifest(address, 'a', { tag: '1' }))
  assert.is((await ask(address, 'GET /v2/a/manifests/1')).status, 404)
  assert.is(registry.requests.at(-2)?.status, undefined)
})

test('lose breaks it when all is done', async ({ registry }) => {
  const { address } = registry
  registry.inject('lose@2')
  await fails(pushManifest(address, 'a', { tag: '1' }))
  assert.is((await ask(address, 'GET /v2/a/manifests/1')).status, 200)
})

test('sever breaks it in the middle of an upload, which can be gone on with', async ({
  registry,
}) => {
  const { address } = registry
  const bytes = randomBytes(3_000_000)
  const started = await ask(address, 'POST /v2/a/blobs/uploads/')
  registry.inject('sever@1')
  await fails(ask(address, `PATCH ${started.headers.get('location')}`, { body: bytes }))
  const state = await ask(address, `GET ${started.headers.get('location')}`)
  assert.is(state.headers.get('range'), '0-1499999')
  const location = `${state.headers.get('location')}&digest=${digestOf(bytes)}`
  const rest = await ask(address, `PUT ${location}`, { body: bytes.subarray(1_500_000) })
  assert.is(rest.status, 201)
  const blob = await ask(address, `GET /v2/a/blobs/${digestOf(bytes)}`)
  assert.is(digestOf(blob.body), digestOf(bytes))
})

test('sever breaks a manifest on its way in, and nothing of it is kept', async ({ registry }) => {
  const { address } = registry
  registry.inject('sever@2')
  await fails(pushManifest(address, 'a', { tag: '1' }))
  assert.is((await ask(address, 'GET /v2/a/manifests/1')).status, 404)
})

test('truncate sends half of the body', async ({ registry }) => {
  const { address } = registry
  const digest = await pushBlob(address, 'a', randomBytes(100_000))
  registry.inject('truncate@1')
  const got = await new Promise<{ promised: string | undefined; bytes: number }>((resolve) => {
    requestHttp(`http://${address}/v2/a/blobs/${digest}`, (answer) => {
      let bytes = 0
      answer.on('data', (chunk: Buffer) => (bytes += chunk.byteLength))
      answer.on('error', () => {})
      answer.on('close', () => resolve({ promised: answer.headers['content-length'], bytes }))
    }).end()
  })
  assert.equal(got, { promised: '100000', bytes: 50_000 })
})

test('corrupt flips a bit of the body', async ({ registry }) => {
  const { address } = registry
  const bytes = randomBytes(1000)
  const digest = await pushBlob(address, 'a', bytes)
  registry.inject('corrupt@1')
  const { body } = await ask(address, `GET /v2/a/blobs/${digest}`)
  assert.is(body.byteLength, 1000)
  assert.is(body.filter((byte, at) => byte !== bytes[at]).byteLength, 1)
  assert.is(digestOf((await ask(address, `GET /v2/a/blobs/${digest}`)).body), digest)
})

test('wrong-digest names other content, on every kind of answer', async ({ registry }) => {
  const { address } = registry
  registry.inject('wrong-digest@2-')
  const put = await pushManifest(address, 'a', { tag: '1' })
  const head = await ask(address, 'HEAD /v2/a/manifests/1')
  const get = await ask(address, 'GET /v2/a/manifests/1')
  for (const { headers } of [put, head, get]) {
    assert.is.not(headers.get('docker-content-digest'), digestOf(get.body))
  }
})

test('delay handles the request later', async ({ registry }) => {
  registry.inject('delay:300@1')
  const order: string[] = []
  const ping = async (name: string): Promise<void> => {
    await ask(registry.address, 'GET /v2/')
    order.push(name)
  }
  const late = ping('first')
  while (registry.requests.length === 0) await new Promise((done) => setTimeout(done, 5))
  await Promise.all([late, ping('second')])
  assert.equal(order, ['second', 'first'])
})

test('kill calls back', async ({ registry }) => {
  const killed: string[] = []
  const fault: Fault = { kind: 'kill', at: 2, onKill: ({ path }) => killed.push(path) }
  registry.inject([fault])
  await fails(pushManifest(registry.address, 'a', { tag: '1' }))
  assert.equal(killed, ['/v2/a/manifests/1'])
})

test('kill-after kills when all is done', async ({ registry }) => {
  const seen: number[] = []
  const onKill = async ({ path }: { path: string }): Promise<void> => {
    seen.push((await ask(registry.address, `HEAD ${path}`)).status)
  }
  registry.inject([{ kind: 'kill-after', method: 'PUT', onKill }])
  await fails(pushManifest(registry.address, 'a', { tag: '1' }))
  assert.equal(seen, [200])
})

const client = (address: string): Promise<NodeJS.Signals | null> =>
  new Promise((resolve) => {
    const code = `fetch('http://${address}/v2/').then(() => process.exit(0))`
    execFile(process.execPath, ['-e', code], (error) => resolve(error?.signal ?? null))
  })

if (process.platform === 'linux') {
  test('kill ends the process at the other end of the connection', async ({ registry }) => {
    registry.inject('kill@2')
    assert.is(await client(registry.address), null)
    assert.is(await client(registry.address), 'SIGKILL')
  })
}

test('kill spares a client in its own process', async ({ registry }) => {
  registry.inject('kill@1')
  await fails(ask(registry.address, 'GET /v2/'))
})

test('read from text as from data', () => {
  assert.equal(parseFaults('drop@7,503@9-11, delay:20@3-,lose@2:PUT/manifests/,429:2@1:GET'), [
    { kind: 'drop', at: 7 },
    { kind: '503', at: 9, until: 11 },
    { kind: 'delay', at: 3, until: Infinity, value: 20 },
    { kind: 'lose', at: 2, method: 'PUT', path: '/manifests/' },
    { kind: '429', at: 1, value: 2, method: 'GET' },
  ])
  assert.equal(parseFaults(''), [])
})

test('say what they look like', async () => {
  const near = await rejects(() => parseFaults('dorp@7'), 'ERR_INVALID_FAULT')
  assert.match(near.message, 'did you mean "drop"?')
  for (const wrong of ['drop', 'drop@0', 'drop@5-3', '200@1', 'drop@x', '@1']) {
    await rejects(() => parseFaults(wrong), 'ERR_INVALID_FAULT')
  }
  await rejects(startRegistry({ faults: [{ kind: 'drop', at: 0 }] }), 'ERR_INVALID_FAULT')
})

test.run()
