// Waiting for a host that is out: what is waited for, how long, what is said; and what is not waited for at all.
import {
  createContext,
  createHttpClient,
  impatient,
  isWaybillError,
  waitForHost,
  type HttpClient,
  type Logger,
} from '@waybill/core'
import { createServer } from 'node:http'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { rejects } from '../helpers/rejects.ts'
import { scriptedServer, type ScriptedServer } from '../helpers/server.ts'

const test = suite('patience')
const HOUR = 3_600_000

interface Told {
  readonly said: string[]
  readonly logger: Logger
}

function told(): Told {
  const said: string[] = []
  const say = (line: string): void => void said.push(line)
  return { said, logger: { debug: () => {}, info: say, warn: say, error: say } }
}

/** A server that answers a status so many times, then 200. */
const failing = (status: number, times: number, headers = {}): Promise<ScriptedServer> => {
  let left = times
  return scriptedServer((_asked, response) =>
    left-- > 0 ? response.writeHead(status, headers).end('later') : response.end('ok'),
  )
}

const at = ({ address }: ScriptedServer, path = ''): string => `http://${address}/${path}`

test('each status that says "later" is waited for beyond the short tries, and said at once', async () => {
  await Promise.all(
    [408, 429, 499, 500, 502, 503, 504, 522].map(async (status) => {
      const server = await failing(status, 4)
      const { said, logger } = told()
      const http = createHttpClient({ patience: HOUR, logger })
      assert.is((await http.request(at(server, 'secret?token=x'))).status, 200)
      assert.is(server.asked.length, 5)
      assert.is(said.length, 2)
      const asked = `${server.address} answers ${status} to GET http://${server.address}/secret`
      assert.match(said[0]!, `${asked}; waiting for it until `)
      assert.match(said[0]!, /until \d\d:\d\d:\d\d at the latest \(3600 s, --patience\)$/)
      assert.match(said[1]!, /answers again after \d+ s$/)
      await server.close()
    }),
  )
})

for (const status of [400, 401, 403, 404, 405, 413, 501, 505])
  test(`${status} is an answer, not an outage`, async () => {
    const server = await failing(status, 5)
    const { said, logger } = told()
    const http = createHttpClient({ patience: HOUR, logger })
    assert.is((await http.request(at(server))).status, status)
    assert.is(server.asked.length, 1)
    assert.equal(said, [])
    await server.close()
  })

test('without patience it is tried a few times shortly, as ever', async () => {
  const server = await failing(503, 99)
  const { said, logger } = told()
  assert.is((await createHttpClient({ logger }).request(at(server))).status, 503)
  assert.is(server.asked.length, 4)
  assert.equal(said, [])
  await server.close()
})

test('patience that is used up ends with the last answer, and what comes next is not waited for again', async () => {
  const server = await failing(503, 999)
  const http = createHttpClient({ patience: 1500, logger: told().logger })
  assert.is((await http.request(at(server))).status, 503)
  const before = server.asked.length
  assert.is((await http.request(at(server, 'other'))).status, 503)
  assert.is(server.asked.length - before, 4)
  await server.close()
})

test('what a host asks to wait is waited where patience allows it; one that asks for more is left at once, with a word', async () => {
  const patient = told()
  const short = await failing(429, 1, { 'retry-after': '6' })
  const cancel = new AbortController()
  const asking = createHttpClient({ patience: HOUR, logger: patient.logger }).request(at(short), {
    signal: cancel.signal,
  })
  while (patient.said.length === 0) await new Promise((done) => setTimeout(done, 5))
  assert.match(patient.said[0]!, 'answers 429')
  cancel.abort()
  await rejects(asking, 'ERR_CANCELLED')
  await short.close()
  for (const wish of ['3600', new Date(Date.now() + HOUR).toUTCString()]) {
    const { said, logger } = told()
    const long = await failing(429, 9, { 'retry-after': wish })
    assert.is((await createHttpClient({ patience: 300_000, logger }).request(at(long))).status, 429)
    assert.is(long.asked.length, 1)
    assert.match(
      said[0]!,
      /asks to wait \d+ s, which is longer than it is waited for \(300 s, --patience\)/,
    )
    await long.close()
  }
})

test('many requests at once wait for one outage, which is said once', async () => {
  const server = await failing(502, 50)
  const { said, logger } = told()
  const http = createHttpClient({ patience: HOUR, logger })
  const paths = Array.from({ length: 12 }, (_, n) => `${n}`)
  const answers = await Promise.all(paths.map((path) => http.request(at(server, path))))
  assert.ok(answers.every(({ status }) => status === 200))
  assert.is(said.filter((line) => line.includes('waiting for it')).length, 1)
  await server.close()
})

test('reading that works does not end the outage of writing', async () => {
  const server = await scriptedServer((asked, response) =>
    asked.method === 'GET' ? response.end('ok') : response.writeHead(503).end(),
  )
  const http = createHttpClient({ patience: 1200, logger: told().logger })
  const reading = setInterval(() => void http.request(at(server)).then((one) => one.discard()), 50)
  assert.is((await http.request(at(server), { method: 'PUT', body: Buffer.from('x') })).status, 503)
  clearInterval(reading)
  await server.close()
})

test('what is not repeated by itself is repeated by who knows how, under the same patience', async () => {
  const server = await failing(503, 4)
  const { said, logger } = told()
  const http = createHttpClient({ patience: HOUR, logger })
  const url = at(server)
  for (let attempt = 0; ; attempt++) {
    const response = await http.request(url, { method: 'POST', body: Buffer.from('x') })
    if (response.status === 200) break
    assert.ok(await waitForHost(http, attempt, 3, { method: 'POST', url, response }))
  }
  assert.is(server.asked.length, 5)
  assert.is(said.length, 2)
  await server.close()
})

test('a host that answered before and refuses connections now is waited for; one that never answered is not', async () => {
  const server = await failing(200, 0)
  const { said, logger } = told()
  const http = createHttpClient({ patience: HOUR, logger })
  await (await http.request(at(server))).discard()
  const port = Number(server.address.split(':')[1])
  await server.close()
  const asking = http.request(at(server))
  while (said.length === 0) await new Promise((done) => setTimeout(done, 5))
  assert.match(said[0]!, /does not answer \(.*\) to GET .*; waiting for it until/)
  const again = createServer((_request, response) => response.end('ok'))
  await new Promise<void>((done) => again.listen(port, '127.0.0.1', done))
  assert.is((await asking).status, 200)
  await http.close()
  await new Promise((done) => {
    again.close(done)
    again.closeAllConnections()
  })
  const never = told()
  const cold = createHttpClient({ patience: HOUR, logger: never.logger })
  await rejects(cold.request(at(server)), 'ERR_NETWORK')
  await rejects(cold.request('http://no-such-host.invalid/'), 'ERR_NETWORK')
  assert.equal(never.said, [])
})

test('a connection that breaks in the middle of an outage is part of it', async () => {
  let count = 0
  const server = await scriptedServer((asked, response) => {
    count++
    if (count === 1 || count > 5) return response.end('ok')
    return count % 2 === 0 ? response.destroy() : response.writeHead(503).end()
  })
  const http = createHttpClient({ patience: HOUR, logger: told().logger })
  await (await http.request(at(server))).discard()
  assert.is((await http.request(at(server))).status, 200)
  assert.is(count, 6)
  await server.close()
})

const ended = async (asking: Promise<unknown>): Promise<string> =>
  asking.then(
    () => 'answered',
    (error: unknown) => (isWaybillError(error) ? error.code : String(error)),
  )

test('a signal ends the wait, and one that is impatient never waits', async () => {
  const server = await failing(503, 999)
  const { said, logger } = told()
  const http: HttpClient = createHttpClient({ patience: HOUR, logger })
  const cancel = new AbortController()
  const asking = ended(http.request(at(server), { signal: cancel.signal }))
  while (said.length === 0) await new Promise((done) => setTimeout(done, 5))
  cancel.abort()
  assert.is(await asking, 'ERR_CANCELLED')
  const before = server.asked.length
  const { signal } = new AbortController()
  assert.is((await http.request(at(server), { signal: impatient(signal) })).status, 503)
  assert.is(server.asked.length - before, 4)
  await server.close()
})

test('a context hands its patience to its client', async () => {
  const server = await failing(503, 4)
  const { logger } = told()
  const { http, patience } = createContext({ patience: HOUR, logger })
  assert.is(patience, HOUR)
  assert.is((await http.request(at(server))).status, 200)
  assert.is(createContext().patience, 0)
  await server.close()
})

test.run()
