// Answers without end, in every way an answer can be without end, under every status, read and dropped; and servers that do not take what
// is sent. The window is a fraction of a second here; that everything ends at all is what is tested, the guard only makes a hang a failure.
import { createServer, type AddressInfo, type Socket } from 'node:net'
import {
  collect,
  createHttpClient,
  isWaybillError,
  mapLimit,
  type HttpResponse,
} from '@waybill/core'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { collectGarbage } from '../helpers/memory.ts'
import { endings, hostileServer, type Ending } from '../helpers/hostile-server.ts'

const test = suite('http bounds')
const WINDOW = 300
const GUARD = 60_000
const MEBIBYTE = 1024 * 1024
// What two systems keep between a server that writes and a client that has gone.
const UNDER_WAY = 24 * MEBIBYTE

const statuses = [200, 202, 206, 302, 401, 404, 416, 503]

const uses = {
  dropped: (answer: HttpResponse): Promise<unknown> => answer.discard(),
  collected: (answer: HttpResponse): Promise<unknown> => answer.bytes(MEBIBYTE),
  streamed: async ({ body }: HttpResponse): Promise<void> => {
    let read = 0
    for await (const piece of body) if ((read += piece.byteLength) > MEBIBYTE / 4) break
  },
}

async function guarded<Result>(what: string, work: Promise<Result>): Promise<Result> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: it did not end`)), GUARD)
  })
  return Promise.race([work, late]).finally(() => clearTimeout(timer))
}

/** How it ended: an error's code, or that it was read. */
async function outcome(
  ending: Ending,
  status: number,
  use: (answer: HttpResponse) => Promise<unknown>,
): Promise<string> {
  const server = await hostileServer(() => ({ ending, answer: { status, headers: [] } }))
  const http = createHttpClient({ timeout: WINDOW })
  try {
    await use(await http.request(`http://${server.address}/`, { retries: 0 }))
    assert.ok(server.sent() < UNDER_WAY, `${server.sent()} bytes were sent`)
    return 'read'
  } catch (error) {
    if (!isWaybillError(error)) throw error
    return error.code
  } finally {
    await http.close()
    await server.close()
  }
}

const EXPECTED = new Set(['read', 'ERR_NETWORK', 'ERR_TOO_LARGE'])

for (const [use, work] of Object.entries(uses)) {
  test(`${use}: every answer without end has one`, async () => {
    await mapLimit(Object.entries(endings), 6, async ([name, ending]) => {
      const what = `${use}, ${name}`
      const each = statuses.map((status) => outcome(ending, status, work))
      for (const [at, end] of (await guarded(what, Promise.all(each))).entries())
        assert.ok(EXPECTED.has(end), `${what}, ${statuses[at]}: ${end}`)
    })
  })
}

test('a slow body that keeps to the least rate is read to its end', async () => {
  const text = 'x'.repeat(40)
  const server = await hostileServer(() => ({
    answer: { status: 200, headers: [] },
    ending: (write, answer) => {
      // Two kilobytes a second, for many windows.
      write.once(`HTTP/1.1 ${answer.status} OK\r\nContent-Length: 4000\r\n\r\n`)
      let left = 100
      const timer = setInterval(() => {
        write.once(text)
        if (--left === 0) clearInterval(timer)
      }, 20)
    },
  }))
  // On a busy machine timers come late: with a window of seconds only the sum counts.
  const http = createHttpClient({ timeout: 1500 })
  let read = 0
  const { body } = await http.request(`http://${server.address}/`)
  for await (const piece of body) read += piece.byteLength
  assert.is(read, 4000)
  await http.close()
  await server.close()
})

test('a reader that takes its time is not taken for a slow server', async () => {
  const server = await hostileServer(
    () => `HTTP/1.1 200 OK\r\nContent-Length: 300000\r\n\r\n${'x'.repeat(300_000)}`,
  )
  const http = createHttpClient({ timeout: 100 })
  let read = 0
  const { body } = await http.request(`http://${server.address}/`)
  for await (const piece of body) {
    read += piece.byteLength
    await new Promise((done) => setTimeout(done, 150))
  }
  assert.is(read, 300_000)
  await http.close()
  await server.close()
})

const bodies = {
  bytes: new Uint8Array(32 * MEBIBYTE),
  'one large piece': async function* () {
    yield new Uint8Array(32 * MEBIBYTE)
  },
  'many pieces': async function* () {
    for (let n = 0; n < 512; n++) yield new Uint8Array(65_536)
  },
}

for (const bytes of [0, 2048]) {
  test(`a server that takes ${bytes === 0 ? 'nothing' : 'little'} of what is sent is given up`, async () => {
    const sockets: Socket[] = []
    const server = createServer((socket) => {
      sockets.push(socket)
      socket.on('error', () => {})
      socket.pause()
      if (bytes === 0) return
      // The connection is never silent for long.
      const timer = setInterval(() => socket.read(bytes), 20)
      socket.once('close', () => clearInterval(timer))
    })
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
    const { port } = server.address() as AddressInfo
    const http = createHttpClient({ timeout: WINDOW })
    const calls = ['PUT', 'PATCH', 'POST'].flatMap((method) =>
      Object.entries(bodies).map(async ([name, body]) => {
        const headers = { 'content-length': String(32 * MEBIBYTE) }
        const request = { method, body, retries: 0, headers }
        const sending = http.request(`http://127.0.0.1:${port}/`, request)
        const error = await guarded(`${method}, ${name}`, sending).catch((e: unknown) => e)
        assert.ok(isWaybillError(error, 'ERR_NETWORK'), `${method}, ${name}: ${String(error)}`)
      }),
    )
    await Promise.all(calls)
    await http.close()
    server.close()
    for (const socket of sockets) socket.destroy()
  })
}

test('a body in pieces of one byte costs no more memory than any other', async () => {
  const one = Buffer.from('x')
  async function* single(): AsyncGenerator<Uint8Array> {
    for (let n = 0; n < 2 * MEBIBYTE; n++) yield Buffer.from(one)
  }
  collectGarbage()
  const before = process.memoryUsage().heapUsed
  let most = 0
  async function* watched(): AsyncGenerator<Uint8Array> {
    let count = 0
    for await (const piece of single()) {
      yield piece
      if (++count % 262_144 !== 0) continue
      collectGarbage()
      most = Math.max(most, process.memoryUsage().heapUsed - before)
    }
  }
  const bytes = await collect(watched(), 4 * MEBIBYTE, 'it')
  assert.is(bytes.byteLength, 2 * MEBIBYTE)
  assert.ok(most < 30 * MEBIBYTE, `${most} bytes were held`)
})

test.run()
