import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import {
  WaybillError,
  createContext,
  createHttpClient,
  proxyFor,
  type HttpClientOptions,
} from '@waybill/core'
import { rejects } from '../helpers/rejects.ts'
import { startConnectProxy } from '../helpers/connect-proxy.ts'
import { scriptedServer } from '../helpers/server.ts'

const test = suite('http')
const text = async (bytes: Promise<Uint8Array>): Promise<string> =>
  Buffer.from(await bytes).toString()

test('asks and answers, headers of one name several times as an array', async () => {
  const server = await scriptedServer((asked, response) => {
    response.setHeader('www-authenticate', ['Basic', 'Bearer realm="x"'])
    response.setHeader('x-one', 'a')
    response.writeHead(201).end(`${asked.method} ${asked.body.toString()}`)
  })
  const http = createHttpClient()
  const answer = await http.request(`http://${server.address}/a?b=c`, {
    method: 'POST',
    body: Buffer.from('hello'),
  })
  assert.is(answer.status, 201)
  assert.equal(answer.headers['www-authenticate'], ['Basic', 'Bearer realm="x"'])
  assert.is(answer.headers['x-one'], 'a')
  assert.is(await text(answer.bytes(100)), 'POST hello')
  assert.equal(server.lines(), ['POST /a?b=c'])
  assert.is(server.asked[0]!.headers['content-length'], '5')
  await server.close()
})

test('keeps connections: a hundred requests one after the other use one', async () => {
  const ports = new Set<number>()
  const server = createServer((request, response) => {
    ports.add(request.socket.remotePort!)
    // Without a length Node's parser counts on the connection's end, also for HEAD.
    response.writeHead(200, { 'content-length': '1000' }).end('x'.repeat(1000))
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const { port } = server.address() as AddressInfo
  const http = createHttpClient()
  for (let n = 0; n < 100; n++) {
    const answer = await http.request(`http://127.0.0.1:${port}/`, {
      method: n % 2 === 0 ? 'GET' : 'HEAD',
    })
    await (n % 3 === 0 ? answer.bytes(2000) : answer.discard())
  }
  assert.is(ports.size, 1)
  await http.close()
  server.close()
})

test('opens a body anew for every try and obeys Retry-After', async () => {
  let tries = 0
  const server = await scriptedServer((_asked, response) => {
    tries++
    if (tries < 3) response.writeHead(503, { 'retry-after': '0' }).end('later')
    else response.writeHead(201).end()
  })
  const http = createHttpClient()
  let opened = 0
  const body = async function* (): AsyncGenerator<Uint8Array> {
    opened++
    yield Buffer.from('one ')
    yield Buffer.from('two')
  }
  const answer = await http.request(`http://${server.address}/`, { method: 'PUT', body })
  assert.is(answer.status, 201)
  assert.is(opened, 3)
  assert.equal(
    server.asked.map((asked) => asked.body.toString()),
    ['one two', 'one two', 'one two'],
  )
  await server.close()
})

test('does not repeat a POST by itself', async () => {
  const server = await scriptedServer((_asked, response) => response.writeHead(503).end())
  const answer = await createHttpClient().request(`http://${server.address}/`, { method: 'POST' })
  assert.is(answer.status, 503)
  assert.is(server.asked.length, 1)
  await server.close()
})

test('an unreachable host is ERR_NETWORK, unknown, without the query', async () => {
  const error = await rejects(
    createHttpClient().request('http://127.0.0.1:1/a?token=secret', { retries: 0 }),
    'ERR_NETWORK',
  )
  assert.is(error.outcome, 'unknown')
  assert.not.match(error.message, 'secret')
})

test('a body that ends early is ERR_NETWORK, not a short body', async () => {
  const server = await scriptedServer((_asked, response) => {
    response.writeHead(200, { 'content-length': '10' })
    response.write('12345')
    setTimeout(() => response.destroy(), 10)
  })
  const answer = await createHttpClient().request(`http://${server.address}/`)
  await rejects(answer.bytes(100), 'ERR_NETWORK')
  await server.close()
})

test('a body larger than allowed is ERR_TOO_LARGE', async () => {
  const server = await scriptedServer((_asked, response) => response.end('x'.repeat(1000)))
  const answer = await createHttpClient().request(`http://${server.address}/`)
  await rejects(answer.bytes(999), 'ERR_TOO_LARGE')
  await server.close()
})

test('an answer that comes before the body was sent ends the sending', async () => {
  const server = createServer((_request, response) => {
    response.writeHead(403, { 'content-length': '2' }).end('no') // the body is never read
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const { port } = server.address() as AddressInfo
  let sent = 0
  const answer = await createHttpClient().request(`http://127.0.0.1:${port}/`, {
    method: 'PUT',
    headers: { 'content-length': String(1 << 30) },
    retries: 0,
    body: async function* () {
      for (; sent < 1 << 30; sent += 1 << 20) yield new Uint8Array(1 << 20)
    },
  })
  assert.is(answer.status, 403)
  assert.is(await text(answer.bytes(10)), 'no')
  assert.ok(sent < 1 << 28, `${sent} bytes were sent`)
  server.closeAllConnections()
  server.close()
})

test('the error of a body is its own and is not retried', async () => {
  const server = await scriptedServer((_asked, response) => response.end())
  let opened = 0
  const http = createHttpClient()
  const put = (error: Error): Promise<unknown> =>
    http.request(`http://${server.address}/`, {
      method: 'PUT',
      // oxlint-disable-next-line require-yield
      body: async function* () {
        opened++
        throw error
      },
    })
  await rejects(put(new WaybillError('ERR_DIGEST_MISMATCH', 'changed')), 'ERR_DIGEST_MISMATCH')
  await rejects(put(new Error('no such file')), 'ERR_UNREADABLE')
  assert.is(opened, 2)
  await server.close()
})

test('cancelling ends a request under way, and the wait between two tries', async () => {
  const server = await scriptedServer((asked, response) => {
    if (asked.url === '/later') response.writeHead(503, { 'retry-after': '60' }).end()
  })
  for (const path of ['/never', '/later']) {
    const controller = new AbortController()
    setTimeout(() => controller.abort(), 50)
    const { signal } = controller
    await rejects(
      createHttpClient().request(`http://${server.address}${path}`, { signal }),
      'ERR_CANCELLED',
    )
  }
  await server.close()
})

test('cancelling while a body is read is an error of the body, whenever it comes', async () => {
  const server = await scriptedServer((_asked, response) => response.end('x'.repeat(1 << 20)))
  const http = createHttpClient()
  for (let n = 0; n < 60; n++) {
    const controller = new AbortController()
    const answer = await http.request(`http://${server.address}/`, { signal: controller.signal })
    const reading = answer.bytes(1 << 21).then(
      () => 'read',
      (error: Error) => (error as WaybillError).code,
    )
    if (n % 2 === 0) await new Promise((done) => setImmediate(done))
    controller.abort()
    assert.ok(['read', 'ERR_CANCELLED'].includes(await reading))
  }
  await server.close()
})

test('silence is an error after the timeout', async () => {
  const server = await scriptedServer(() => {})
  const http = createHttpClient({ timeout: 50 })
  const error = await rejects(
    http.request(`http://${server.address}/`, { retries: 0 }),
    'ERR_NETWORK',
  )
  assert.match(error.message, '50 ms')
  await server.close()
})

test('asks http through a proxy in absolute form, with the proxy’s password', async () => {
  const between = await startConnectProxy('user:p@ss')
  const http = createHttpClient({ env: { HTTP_PROXY: `http://user:p%40ss@${between.address}` } })
  const answer = await http.request('http://registry.example/v2/?n=1')
  assert.is(await text(answer.bytes(100)), 'through the proxy')
  assert.equal(between.seen, ['GET http://registry.example/v2/?n=1'])
  between.close()
})

test('a proxy that refuses to connect is ERR_PROXY, without its password', async () => {
  const between = await startConnectProxy('user:right')
  const http = createHttpClient({ env: { https_proxy: `http://user:wrong@${between.address}` } })
  const error = await rejects(http.request('https://registry.example/v2/'), 'ERR_PROXY')
  assert.match(error.message, '407')
  assert.not.match(JSON.stringify([error.message, error.details, error.hint]), 'wrong')
  assert.equal(between.seen, ['CONNECT registry.example:443'])
  between.close()
})

test('no_proxy names hosts, domains, ports, addresses and ranges; loopback is never asked through one', () => {
  const env = {
    https_proxy: 'proxy.example:3128',
    no_proxy: 'a.example, .b.example,*.c.example d.example:8443,10.0.0.0/8,192.0.2.7,[2001:db8::1]',
  }
  const through = (url: string, more: HttpClientOptions['env'] = {}): boolean =>
    proxyFor(new URL(url), { ...env, ...more }) !== undefined
  for (const host of [
    'x.example',
    'xa.example',
    'd.example',
    '11.0.0.1',
    '192.0.2.8',
    '[2001:db8::2]',
  ])
    assert.ok(through(`https://${host}/`), host)
  for (const host of [
    'a.example',
    'x.a.example',
    'b.example',
    'x.b.example',
    'x.c.example',
    'd.example:8443',
    '10.1.2.3',
    '192.0.2.7',
    '[2001:db8::1]',
    'localhost',
    '127.0.0.1:5000',
    '[::1]',
  ])
    assert.not(through(`https://${host}/`), host)
  assert.not(through('https://x.example/', { no_proxy: '*' }))
  assert.not(through('http://x.example/'))
  assert.is(proxyFor(new URL('https://x.example/'), env)!.href, 'http://proxy.example:3128/')
})

test('a long wait that a server asks for is said', async () => {
  const server = await scriptedServer((_, response) => {
    response.writeHead(429, { 'retry-after': '86400' }).end()
  })
  const said: string[] = []
  const cancel = new AbortController()
  const logger = {
    ...createContext().logger,
    info: (line: string) => {
      said.push(line)
      cancel.abort()
    },
  }
  const { signal } = cancel
  const asking = createHttpClient({ logger }).request(`http://${server.address}/`, { signal })
  await rejects(asking, 'ERR_CANCELLED')
  assert.match(said[0]!, /: 429; trying again in 120 s, as the server asks$/)
  await server.close()
})

test.run()
