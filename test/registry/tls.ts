// registry.md D 1, 19 and 20 over https: own certificates, and no step down from it.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { destination } from '@waybill/registry'
import { startRegistry, type RegistryReply, type Wrapper } from '@waybill/testkit'
import { startConnectProxy } from '../helpers/connect-proxy.ts'
import { rejects } from '../helpers/rejects.ts'
import { testImage } from '../helpers/image.ts'
import { temporaryFolder } from '../helpers/temporary.ts'

const test = suite('registry over https')
const folder = temporaryFolder('tls')
const [keyFile, caFile] = [join(folder, 'key.pem'), join(folder, 'ca.pem')]
const subject = [
  '-subj',
  '/CN=registry.test',
  '-addext',
  'subjectAltName=DNS:registry.test,IP:127.0.0.1',
]
execFileSync(
  'openssl',
  [
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:prime256v1',
    '-nodes',
    '-days',
    '2',
    '-keyout',
    keyFile,
    '-out',
    caFile,
    ...subject,
  ],
  { stdio: 'ignore' },
)
const tls = { key: readFileSync(keyFile, 'utf8'), cert: readFileSync(caFile, 'utf8') }

interface Setting {
  readonly reference: string
  readonly options: { env: Record<string, string>; caFile: string }
  readonly seen: readonly string[]
}

/** A registry called registry.test, reached through a proxy: on loopback itself it would be asked over http. */
async function over(wrap: Wrapper, work: (setting: Setting) => Promise<void>): Promise<void> {
  const registry = await startRegistry({ tls, wrap })
  const proxy = await startConnectProxy()
  const reference = `registry.test:${registry.address.split(':')[1]}/acme/hello`
  const env = { https_proxy: `http://${proxy.address}`, HOME: '/nonexistent' }
  await work({ reference, options: { env, caFile }, seen: proxy.seen })
  proxy.close()
  await registry.close()
}

const asIs: Wrapper = (next) => next
const withHeader =
  (methods: readonly string[], change: (host: string) => RegistryReply): Wrapper =>
  (next) =>
  async (request) =>
    methods.includes(request.method) && request.path !== '/v2/'
      ? change(request.headers.host!)
      : next(request)

const behindProxy: Wrapper = (next) => async (request) => {
  const reply = await next(request)
  if (reply.status !== 202) return reply
  const headers = Object.entries(reply.headers ?? {}).map(([name, value]) =>
    name.toLowerCase() === 'location'
      ? [name, new URL(String(value), `http://${request.headers.host}`).href]
      : [name, value],
  )
  return { ...reply, headers: Object.fromEntries(headers) as Record<string, string> }
}

const challenging =
  (realm: string): Wrapper =>
  () =>
  () =>
    Promise.resolve({ status: 401, headers: { 'WWW-Authenticate': `Bearer realm="${realm}"` } })

test('publishes through a proxy to a registry whose certificate a file makes trusted', () =>
  over(asIs, async ({ reference, options, seen }) => {
    const to = destination(reference, options)
    const image = testImage()
    await to.preflight()
    await to.put(image)
    await to.check(image)
    await to.set('1.0', image.subject.digest, { kind: 'rolling', content: image })
    assert.equal(await to.names(), ['1.0'])
    assert.equal(new Set(seen), new Set([`CONNECT ${reference.split('/')[0]}`]))
    assert.ok(seen.length <= 16, 'connections are kept through the proxy as well')
  }))

test('a certificate nobody trusts is unknown, not absent', () =>
  over(asIs, async ({ reference, options: { env } }) => {
    await rejects(destination(reference, { env }).observe('1.0'), 'ERR_UNKNOWN_STATE')
  }))

test('takes a Location that says http for the https host that was asked, as one behind a proxy does', async () => {
  await over(behindProxy, async ({ reference, options, seen }) => {
    await destination(reference, options).put(testImage())
    assert.ok(seen.every((line) => line.startsWith('CONNECT ')))
  })
})

for (const location of [
  'http://elsewhere.test/x',
  'https://127.0.0.1/x',
  'https://10.0.0.1/x',
  'https://[::1]/x',
  'https://localhost/x',
  'https://169.254.169.254/x',
]) {
  test(`goes from a public https host not to ${location}`, () =>
    over(
      withHeader(['GET', 'POST'], () => ({ status: 307, headers: { Location: location } })),
      async ({ reference, options, seen }) => {
        const to = destination(reference, options)
        await rejects(to.names(), 'ERR_FORBIDDEN_ADDRESS')
        await rejects(to.preflight(), 'ERR_FORBIDDEN_ADDRESS')
        assert.equal(new Set(seen), new Set([`CONNECT ${reference.split('/')[0]}`]))
      },
    ))

  test(`gives no credentials to a realm at ${location}`, () => {
    return over(challenging(location), async ({ reference, options, seen }) => {
      const auths = {
        [reference.split('/')[0]!]: { auth: Buffer.from('me:pw').toString('base64') },
      }
      const env = { ...options.env, DOCKER_AUTH_CONFIG: JSON.stringify({ auths }) }
      await rejects(destination(reference, { ...options, env }).names(), 'ERR_FORBIDDEN_ADDRESS')
      assert.equal(new Set(seen), new Set([`CONNECT ${reference.split('/')[0]}`]))
    })
  })
}

test.run()
