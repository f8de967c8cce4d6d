// A registry that answers whatever it likes: reading and writing end, with an error of ours or without, and no request goes to a host
// that no answer had the right to name, none with a password to anybody but the registry and its realm. WAYBILL_FULL=1: all inputs.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  digestOf,
  isWaybillError,
  type HttpClient,
  type HttpRequest,
  type HttpResponse,
} from '@waybill/core'
import { loadContent, mediaTypes } from '@waybill/oci'
import { destination, repository } from '@waybill/registry'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { testImage } from '../helpers/image.ts'
import { createRandom } from '../helpers/mutate.ts'
import { temporaryFolder } from '../helpers/temporary.ts'

const test = suite('hostile answers')
const ROUNDS = process.env['WAYBILL_FULL'] === '1' ? 40_000 : 1500
const random = createRandom(20_261_125)
const pick = <Item>(items: readonly Item[]): Item => items[random(items.length)]!

const HOME = 'registry.example'
const PASSWORD = 'correct horse battery'
// Where an answer may send us, and where none may.
const OPEN = ['https://cdn.example/x?a=b', 'https://auth.example/token', `https://${HOME}/v2/else`]
const CLOSED = [
  'http://cdn.example/plain',
  'https://127.0.0.1/x',
  'https://10.1.2.3/x',
  'https://[::1]/x',
  'https://169.254.169.254/latest/meta-data',
  'https://localhost/x',
  'https://user:pass@cdn.example/x',
  'file:///etc/passwd',
  'gopher://x.example/',
  `http://${HOME}:81/x`,
  '//127.0.0.1/x',
  'javascript:alert(1)',
]
const RELATIVE = [
  '/v2/acme/scim/blobs/uploads/1',
  '?n=1',
  '..',
  '',
  '%',
  '/v2/acme/scim/x y',
  '\\\\evil.example\\x',
  '/\u0000',
]
// Named by content and by paging alone: nobody is to be asked there.
const NEVER = 'https://never.example/layer'

const image = testImage()
const documents = await Promise.all(
  image.manifests.map(async ({ descriptor }) => {
    const chunks: Uint8Array[] = []
    for await (const chunk of image.read(descriptor)) chunks.push(chunk)
    return Buffer.concat(chunks).toString('utf8')
  }),
)

function body(): string {
  const text = pick([
    ...documents,
    '{"tags":["1.0.0","latest"]}',
    '{"tags":null}',
    '{"token":"abc","expires_in":-5}',
    '{"token":"a\\nb"}',
    '{"access_token":"xyz"}',
    '{"errors":[{"code":"DENIED","message":"\\u001b[2J"}]}',
    '<html>hello</html>',
    '',
    'null',
  ])
  const kind = random(5)
  if (kind === 0) return text.slice(0, random(text.length + 1))
  if (kind === 1) return text.replace('"digest"', `"urls":["${NEVER}"],"digest"`)
  if (kind === 2) return text.replace(/sha256:[0-9a-f]/, pick(['sha256:x', 'sha512:0', 'md5:1']))
  return text
}

const challenge = (realm: string): string =>
  pick([
    `Bearer realm="${realm}",service="s",scope="repository:acme/scim:pull"`,
    `Negotiate, Bearer realm=${realm}`,
    `Basic realm="${realm}"`,
    `Bearer realm="${realm}`,
    'Bearer',
    `Bearer realm="${realm}",scope="repository:x:*,\u00e9"`,
  ])

interface Round {
  asked: number
  /** Hosts an answer named where it has the right to. */
  readonly named: Set<string>
  /** Realms that the registry itself named. */
  readonly realms: Set<string>
}

function hostOf(text: string, from: string): string | undefined {
  return URL.canParse(text, from) ? new URL(text, from).host : undefined
}

function check(url: URL, authorization: string | undefined, { named, realms }: Round): void {
  assert.is(url.protocol, 'https:', url.href)
  assert.ok(url.host === HOME || named.has(url.host), `asked ${url.href}`)
  assert.not.ok(/^(?:127\.|10\.|169\.254\.|localhost|\[)/.test(url.host), `asked ${url.href}`)
  assert.not.match(url.href, 'never.example')
  assert.is(url.username + url.password, '')
  if (authorization === undefined) return
  const secret = authorization.startsWith('Basic ')
  if (secret) assert.ok(url.host === HOME || realms.has(url.host), `password to ${url.href}`)
}

/** Answers as nobody should. */
function hostileClient(round: Round): HttpClient {
  const request = async (href: string, asked: HttpRequest = {}): Promise<HttpResponse> => {
    const url = new URL(href)
    check(url, asked.headers?.['authorization'], round)
    if (++round.asked > 3000) throw new Error('it never ends')
    if (typeof asked.body === 'function') for await (const _ of asked.body());
    const target = pick([...OPEN, ...OPEN, ...CLOSED, ...RELATIVE])
    const headers: Record<string, string | string[]> = {}
    const name = (text: string, into: Set<string>): string => {
      const host = hostOf(text, href)
      if (host !== undefined) into.add(host)
      return text
    }
    if (random(3) === 0) headers['location'] = name(target, round.named)
    if (random(3) === 0) {
      headers['www-authenticate'] = challenge(name(target, round.named))
      if (url.host === HOME) name(target, round.realms)
    }
    if (random(4) === 0) headers['link'] = `<${pick([NEVER, target, '?n=2'])}>; rel="next"`
    const bytes = Buffer.from(body())
    headers['content-type'] = pick([mediaTypes.index, mediaTypes.manifest, 'text/html', ''])
    if (random(2) === 0)
      headers['docker-content-digest'] = pick([digestOf(bytes), 'sha256:1', '', digestOf('x')])
    if (random(3) === 0) headers['content-length'] = pick(['-1', '9e9', String(bytes.length), 'x'])
    if (random(5) === 0) headers['range'] = pick(['0-0', '0-99999', 'bytes', '-'])
    const status = pick([
      200, 200, 200, 201, 202, 204, 301, 302, 307, 308, 400, 401, 401, 403, 404, 405, 416,
    ])
    return {
      status,
      url: href,
      headers,
      body: (async function* () {
        yield bytes
      })(),
      bytes: async (limit) => bytes.subarray(0, limit),
      discard: async () => {},
    }
  }
  return { request, close: async () => {} }
}

async function survives(what: string, work: () => Promise<unknown>): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (!isWaybillError(error))
      throw new Error(`${what}: ${(error as Error).message}`, { cause: error })
    assert.not.match(error.message, PASSWORD)
    assert.not.match(error.message, '\u001b')
  }
}

const folder = temporaryFolder('docker-config')
const auth = Buffer.from(`u:${PASSWORD}`).toString('base64')
writeFileSync(join(folder, 'config.json'), JSON.stringify({ auths: { [HOME]: { auth } } }))
const env = { DOCKER_CONFIG: folder }

const works = {
  read: async (options: { http: HttpClient; env: typeof env }) => {
    const source = repository(`${HOME}/acme/scim`, options)
    const content = await loadContent(source, await source.resolve('1.0.0'))
    for (const { descriptor } of content.blobs) for await (const _ of content.read(descriptor));
  },
  list: (options: { http: HttpClient; env: typeof env }) =>
    repository(`${HOME}/acme/scim`, options).tags(),
  referrers: (options: { http: HttpClient; env: typeof env }) =>
    repository(`${HOME}/acme/scim`, options).referrers(image.subject.digest),
  preflight: (options: { http: HttpClient; env: typeof env }) =>
    destination(`${HOME}/acme/scim`, options).preflight(),
  put: (options: { http: HttpClient; env: typeof env }) =>
    destination(`${HOME}/acme/scim`, options).put(image),
} as const

for (const [name, work] of Object.entries(works)) {
  test(`${name}: ends, and asks nobody it was not sent to`, async () => {
    for (let count = 0; count < ROUNDS / Object.keys(works).length; count++) {
      const round: Round = { asked: 0, named: new Set(), realms: new Set() }
      await survives(`${name} ${count}`, () =>
        work({ http: hostileClient(round), env: { ...env } }),
      )
    }
  })
}

test.run()
