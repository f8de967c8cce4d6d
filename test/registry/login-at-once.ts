// What others write to docker's file while a login is going on is kept, and so are other logins.
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { login } from '@waybill/registry'
import { startRegistry } from '@waybill/testkit'
import { WHOLE, credential, home, runWithInput, slowRegistry } from '../helpers/login.ts'
import { testWith } from '../helpers/needs.ts'
import { rejects } from '../helpers/rejects.ts'
import { temporaryFolder } from '../helpers/temporary.ts'

const test = suite('login: others at once')
const homes = temporaryFolder('login-at-once')
const users = { me: 'pass:word ü' }

for (const count of [8, 30])
  test(`${count} logins at once keep all entries`, async () => {
    const before = JSON.stringify({
      HttpHeaders: { X: 'y' },
      auths: { 'ghcr.io': { auth: 'eDp5' } },
    })
    const { env, file, read } = home(before)
    const registries = await Promise.all(Array.from({ length: count }, () => slowRegistry()))
    await Promise.all(
      registries.map(({ address }) => login(address, { env, username: 'a', password: 'b' })),
    )
    const { auths, HttpHeaders } = read()
    assert.equal(
      Object.keys(auths!).toSorted(),
      [...registries.map(({ address }) => address), 'ghcr.io'].toSorted(),
    )
    assert.equal(HttpHeaders, { X: 'y' })
    assert.is(statSync(file).mode & 0o777, 0o600)
    assert.equal(readdirSync(join(file, '..')), ['config.json'])
    for (const registry of registries) registry.close()
  })

test('8 processes at once keep all entries, whatever their temporary folders', async () => {
  const { env, file, read } = home('{"HttpHeaders":{"X":"y"}}')
  const registries = await Promise.all(Array.from({ length: 8 }, () => slowRegistry()))
  const ended = await Promise.all(
    registries.map(({ address }, at) => {
      const own = { ...env, TMPDIR: at % 2 === 0 ? mkdtempSync(join(homes, 'tmp-')) : homes }
      const args = ['login', address, '--username', 'u', '--password-stdin']
      return runWithInput(args, 's3cret\n', own)
    }),
  )
  for (const { code, output } of ended) {
    assert.is(code, 0, output)
    assert.not.match(output, /s3cret/)
  }
  assert.is(Object.keys(read()['auths']!).length, 8)
  assert.is(statSync(file).mode & 0o777, 0o600)
  assert.equal(readdirSync(join(file, '..')), ['config.json'])
  for (const registry of registries) registry.close()
})

test('what others write while the registry is asked is kept', async () => {
  const added = {
    auths: { 'later.example': { auth: 'eDp5' } },
    credHelpers: { 'gcr.io': 'gcloud' },
  }
  for (const before of [undefined, '{"auths":{"ghcr.io":{"auth":"eDp5"}}}']) {
    const { env, file, read } = home(before)
    const registry = await slowRegistry(() => {
      mkdirSync(join(file, '..'), { recursive: true })
      writeFileSync(file, JSON.stringify(added))
    })
    await login(registry.address, { env, username: 'a', password: 'b' })
    assert.equal(Object.keys(read()['auths']!), ['later.example', registry.address])
    assert.equal(read()['credHelpers'], added.credHelpers)
    registry.close()
  }
})

test('a store that is configured, and a file that is damaged, while the registry is asked are respected', async () => {
  for (const [text, code] of [
    ['{"credsStore":"desktop"}', 'ERR_CREDENTIAL_STORE'],
    ['{"auths":', 'ERR_INVALID_AUTH_FILE'],
    ['{"auths":{},"Auths":{}}', 'ERR_AMBIGUOUS_JSON'],
  ] as const) {
    const { env, file } = home('{}')
    const registry = await slowRegistry(() => writeFileSync(file, text))
    await rejects(login(registry.address, { env, username: 'a', password: 'b' }), code)
    assert.is(readFileSync(file, 'utf8'), text)
    assert.equal(readdirSync(join(file, '..')), ['config.json'])
    registry.close()
  }
})

testWith(
  test,
  ['docker'],
  'an entry that `docker login` makes meanwhile is kept, and docker reads what was written',
  async () => {
    const other = await startRegistry({ auth: { users, kind: 'basic' } })
    const { env, file, read } = home(WHOLE)
    const docker = (): Promise<unknown> =>
      runWithInput(
        ['login', other.address, '-u', 'me', '--password-stdin'],
        users.me,
        {
          ...env,
          DOCKER_CONFIG: join(file, '..'),
        },
        '/usr/bin/docker',
      ).then(({ code, output }) => assert.is(code, 0, output))
    const registry = await slowRegistry(docker)
    await login(registry.address, { env, username: 'a', password: 'b' })
    const names = [registry.address, 'ghcr.io', other.address, 'quay.io'].toSorted()
    assert.equal(Object.keys(read()['auths']!).toSorted(), names)
    // And after it: docker keeps what was written here.
    await docker()
    assert.equal(Object.keys(read()['auths']!).toSorted(), names)
    assert.equal(read()['auths']![registry.address], { auth: credential('a', 'b') })
    registry.close()
    await other.close()
  },
)

test.run()
