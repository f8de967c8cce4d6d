// registry.md D 3, 16 to 19: credentials, tokens, and where they may go.
import { chmodSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { destination } from '@waybill/registry'
import { startRegistry } from '@waybill/testkit'
import { rejects } from '../helpers/rejects.ts'
import { testImage } from '../helpers/image.ts'
import { temporaryFolder } from '../helpers/temporary.ts'
import { tokenServer } from '../helpers/token-server.ts'

const test = suite('registry authentication')
const homes = temporaryFolder('auth')
const home = (): string => mkdtempSync(join(homes, 'home-'))
const encoded = (user: string): string => Buffer.from(user).toString('base64')

/** A home with files, by path. */
function homeWith(files: Readonly<Record<string, unknown>>): string {
  const folder = home()
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(join(folder, path, '..'), { recursive: true })
    writeFileSync(
      join(folder, path),
      typeof content === 'string' ? content : JSON.stringify(content),
    )
  }
  return folder
}

const namesOf = (
  address: string,
  env: Record<string, string> = { HOME: home() },
): Promise<readonly string[]> => destination(`${address}/a/b`, { env }).names()

test('asks the realm, with its own query, the service and the scope; anonymously without credentials', async () => {
  const server = await tokenServer(() => [200, { token: 'good' }])
  assert.equal(await namesOf(server.address), ['ok'])
  const [query] = server.tokens()
  assert.equal(
    [query!.get('via'), query!.get('service'), query!.get('scope')],
    ['realm', 'the service', 'repository:a/b:pull,push'],
  )
  assert.is(
    server.asked.find(({ url }) => url.startsWith('/token'))!.headers.authorization,
    undefined,
  )
  await server.close()
})

test('takes access_token, tolerates a missing service and expires_in', async () => {
  const server = await tokenServer(
    () => [200, { access_token: 'good' }],
    (address) => `Bearer realm="http://${address}/token"`,
  )
  assert.equal(await namesOf(server.address), ['ok'])
  assert.is(server.tokens()[0]!.has('service'), false)
  await server.close()
})

test('one token serves many requests at once', async () => {
  const server = await tokenServer(() => [200, { token: 'good', expires_in: 300 }])
  const to = destination(`${server.address}/a/b`, { env: { HOME: home() } })
  await Promise.all(Array.from({ length: 20 }, () => to.names()))
  assert.is(server.tokens().length, 1)
  await server.close()
})

test('chooses what it can answer among several challenges', async () => {
  const server = await tokenServer(
    () => [200, { token: 'good' }],
    (address) => [
      'Negotiate',
      `Basic realm="x", Bearer realm="http://${address}/token",scope="repository:a/b:pull"`,
    ],
  )
  assert.equal(await namesOf(server.address), ['ok'])
  await server.close()
})

test('answers with what is no token are errors that do not show it', async () => {
  const answers = [
    '<html>secret-page</html>',
    {},
    { token: '' },
    { token: 'secret\r\nX-Evil: 1' },
    { token: 7 },
    '"secret"',
  ]
  for (const answer of answers) {
    const server = await tokenServer(() => [200, answer])
    const error = await rejects(namesOf(server.address), 'ERR_UNKNOWN_STATE')
    assert.not.match(error.message + String((error.cause as Error).message), 'secret')
    await server.close()
  }
})

test('a refused token is unknown, and the password is not shown', async () => {
  const server = await tokenServer(() => [
    401,
    { errors: [{ code: 'UNAUTHORIZED', message: 'incorrect username or password' }] },
  ])
  const env = {
    DOCKER_AUTH_CONFIG: JSON.stringify({
      auths: { [server.address]: { auth: encoded('me:hunter2') } },
    }),
  }
  const error = await rejects(namesOf(server.address, env), 'ERR_UNKNOWN_STATE')
  assert.match(error.message, 'incorrect username or password')
  assert.not.match(
    JSON.stringify([error.message, error.hint, error.details, (error.cause as Error).message]),
    /hunter2|bWU6/,
  )
  await server.close()
})

test('exchanges a refresh token by POST, which never goes into an address', async () => {
  const server = await tokenServer((asked) =>
    asked.method === 'POST' ? [200, { access_token: 'good' }] : [404, {}],
  )
  const env = {
    DOCKER_AUTH_CONFIG: JSON.stringify({
      auths: { [server.address]: { identitytoken: 'refresh-me' } },
    }),
  }
  assert.equal(await namesOf(server.address, env), ['ok'])
  const post = server.asked.find(({ method }) => method === 'POST')!
  assert.is(new URLSearchParams(post.body.toString()).get('refresh_token'), 'refresh-me')
  assert.not.ok(server.asked.some(({ url }) => url.includes('refresh-me')))
  await server.close()
})

test('a token that runs out while something is pushed is renewed', async () => {
  for (const tokenUses of [3, 4, 5, 8]) {
    const registry = await startRegistry({
      auth: { users: { me: 'pw' }, kind: 'bearer', tokenUses },
    })
    const env = {
      DOCKER_AUTH_CONFIG: JSON.stringify({
        auths: { [registry.address]: { username: 'me', password: 'pw' } },
      }),
    }
    const to = destination(`${registry.address}/a/b`, { env })
    const image = testImage()
    await to.preflight()
    await to.put(image)
    await to.check(image)
    await to.set('1.0', image.subject.digest, { kind: 'rolling', content: image })
    assert.equal(await to.names(), ['1.0'])
    await registry.close()
  }
})

test('credentials stay with the exact host they belong to', async () => {
  const server = await tokenServer(
    () => [200, { token: 'good' }],
    () => 'Basic realm="x"',
  )
  const port = server.address.split(':')[1]!
  const auths = Object.fromEntries(
    [
      `127.0.0.1`,
      `27.0.0.1:${port}`,
      `127.0.0.1:${port}.evil.example`,
      `evil.example/${server.address}`,
      `127.0.0.1:${port}1`,
      'https://index.docker.io/v1/',
    ].map((key) => [key, { auth: encoded('me:leaked') }]),
  )
  await rejects(
    namesOf(server.address, { DOCKER_AUTH_CONFIG: JSON.stringify({ auths }) }),
    'ERR_UNKNOWN_STATE',
  )
  assert.not.ok(server.asked.some(({ headers }) => headers.authorization !== undefined))
  await server.close()
})

test('finds credentials in all the places, the most particular path first', async () => {
  const places: Record<string, (address: string) => Record<string, string>> = {
    'docker config': (address) => ({
      HOME: homeWith({
        '.docker/config.json': {
          auths: { [`https://${address}/v1/`]: { auth: encoded('me:right') } },
        },
      }),
    }),
    DOCKER_CONFIG: (address) => ({
      HOME: home(),
      DOCKER_CONFIG: homeWith({
        'config.json': { auths: { [address]: { auth: encoded('me:right') } } },
      }),
    }),
    'podman auth.json': (address) => ({
      HOME: homeWith({
        '.config/containers/auth.json': { auths: { [address]: { auth: encoded('me:right') } } },
      }),
    }),
    XDG_RUNTIME_DIR: (address) => ({
      HOME: home(),
      XDG_RUNTIME_DIR: homeWith({
        'containers/auth.json': { auths: { [address]: { auth: encoded('me:right') } } },
      }),
    }),
    REGISTRY_AUTH_FILE: (address) => ({
      HOME: home(),
      REGISTRY_AUTH_FILE: join(
        homeWith({ 'x.json': { auths: { [address]: { auth: encoded('me:right') } } } }),
        'x.json',
      ),
    }),
    'a path before its host': (address) => ({
      DOCKER_AUTH_CONFIG: JSON.stringify({
        auths: {
          [address]: { auth: encoded('me:wrong') },
          [`${address}/a`]: { auth: encoded('me:wrong') },
          [`${address}/a/b`]: { auth: encoded('me:right') },
          [`${address}/a/bc`]: { auth: encoded('me:wrong') },
        },
      }),
    }),
  }
  for (const [name, env] of Object.entries(places)) {
    const server = await tokenServer(
      () => [200, {}],
      () => 'Basic realm="x"',
    )
    await namesOf(server.address, env(server.address))
    const sent = server.asked
      .map(({ headers }) => headers.authorization)
      .find((one) => one !== undefined)
    assert.is(sent, `Basic ${encoded('me:right')}`, name)
    await server.close()
  }
})

/** A PATH with a credential helper that prints and exits as told. */
function helper(script: string): string {
  const folder = home()
  writeFileSync(join(folder, 'docker-credential-test'), `#!/bin/sh\nread host\n${script}\n`)
  chmodSync(join(folder, 'docker-credential-test'), 0o755)
  return `${folder}:${process.env['PATH']}`
}

test('asks credential helpers; what they lack is anonymous; what they fail at is said, without their output', async () => {
  const server = await tokenServer(
    () => [200, { token: 'good' }],
    () => 'Basic realm="x"',
  )
  const asked = async (script: string, config: unknown): Promise<string | undefined> => {
    const before = server.asked.length
    const env = { PATH: helper(script), HOME: home(), DOCKER_AUTH_CONFIG: JSON.stringify(config) }
    await namesOf(server.address, env).catch((error: Error & { code?: string }) => {
      if (error.code !== 'ERR_UNKNOWN_STATE' || error.message.includes('docker-credential'))
        throw error
    })
    return server.asked
      .slice(before)
      .map(({ headers }) => headers.authorization)
      .find((one) => one !== undefined)
  }
  const helpers = { credHelpers: { [server.address]: 'test' } }
  const answer = `echo '{"Username":"me","Secret":"'"$host"'"}'`
  assert.is(await asked(answer, helpers), `Basic ${encoded(`me:${server.address}`)}`)
  assert.is(await asked(answer, { credsStore: 'test' }), `Basic ${encoded(`me:${server.address}`)}`)
  const none = 'echo "credentials not found in native keychain"; exit 1'
  assert.is(await asked(none, helpers), undefined)
  for (const script of [
    'echo oops-secret; exit 1',
    'echo oops-secret',
    'echo "[]"',
    `echo '{"Username":"me"}'`,
  ]) {
    const error = await rejects(asked(script, helpers), 'ERR_UNKNOWN_STATE')
    assert.match(error.message, 'docker-credential-test')
    assert.not.match(error.message + JSON.stringify(error.details), 'secret')
  }
  await rejects(asked('', { credsStore: 'none-such' }), 'ERR_UNKNOWN_STATE')
  await server.close()
})

test('a damaged configuration is said, without what it holds', async () => {
  const server = await tokenServer(() => [200, {}])
  const env = { HOME: homeWith({ '.docker/config.json': '{"auths": {"x": {"auth": "c2VjcmV0"' }) }
  const error = await rejects(namesOf(server.address, env), 'ERR_INVALID_AUTH_FILE')
  assert.match(error.message, 'config.json')
  assert.not.match(error.message, 'c2VjcmV0')
  await server.close()
})

test.run()
