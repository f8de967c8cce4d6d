import { readFileSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { destination, login } from '@waybill/registry'
import { startRegistry } from '@waybill/testkit'
import { home } from '../helpers/login.ts'
import { rejects } from '../helpers/rejects.ts'

const test = suite('login')
const users = { me: 'pass:word ü' }

for (const kind of ['basic', 'bearer'] as const) {
  test(`keeps a checked credential in docker’s file, readable by its owner alone (${kind})`, async () => {
    const registry = await startRegistry({ auth: { users, kind } })
    const { env, file, read } = home()
    const result = await login(registry.address, { env, username: 'me', password: users.me })
    assert.equal(result, { registry: registry.address, file })
    assert.is(statSync(file).mode & 0o777, 0o600)
    assert.is(
      Buffer.from(read()['auths']![registry.address]!['auth' as never], 'base64').toString(),
      `me:${users.me}`,
    )
    assert.equal(readdirSync(join(file, '..')), ['config.json'])
    await destination(`${registry.address}/a/b`, { env }).preflight()
    await registry.close()
  })

  test(`a wrong password is refused and changes nothing (${kind})`, async () => {
    const registry = await startRegistry({ auth: { users, kind } })
    const before = '{"auths": {"ghcr.io": {"auth": "eDp5"}}}'
    const { env, file } = home(before)
    await rejects(
      login(registry.address, { env, username: 'me', password: 'no' }),
      'ERR_UNAUTHORIZED',
    )
    assert.is(readFileSync(file, 'utf8'), before)
    await registry.close()
  })
}

test('leaves every other entry as it is and replaces the registry’s own, however it was written', async () => {
  const registry = await startRegistry({ auth: { users } })
  const { env, file, read } = home(
    JSON.stringify({
      auths: {
        'ghcr.io': { auth: 'eDp5' },
        [`https://${registry.address}/v1/`]: { auth: 'b2xkOm9sZA==' },
      },
      HttpHeaders: { 'X-Meta': 'kept' },
      credHelpers: { 'gcr.io': 'gcloud' },
    }),
  )
  await login(`https://${registry.address}`, { env, username: 'me', password: users.me })
  const config = read()
  assert.equal(Object.keys(config['auths']!).toSorted(), [registry.address, 'ghcr.io'])
  assert.equal(config['auths']!['ghcr.io'], { auth: 'eDp5' })
  assert.equal(config['HttpHeaders'], { 'X-Meta': 'kept' })
  assert.equal(config['credHelpers'], { 'gcr.io': 'gcloud' })
  assert.is(statSync(file).mode & 0o777, 0o600)
  await registry.close()
})

test('does not write beside a credential store or over a damaged file', async () => {
  const registry = await startRegistry({ auth: { users } })
  const options = { username: 'me', password: users.me }
  const stores = [{ credsStore: 'desktop' }, { credHelpers: { [registry.address]: 'x' } }]
  for (const store of stores) {
    const { env } = home(JSON.stringify(store))
    const error = await rejects(
      login(registry.address, { env, ...options }),
      'ERR_CREDENTIAL_STORE',
    )
    assert.match(error.hint!, 'docker login')
  }
  for (const damaged of ['{"auths": ', '[]', '"x"']) {
    const { env, file } = home(damaged)
    await rejects(login(registry.address, { env, ...options }), 'ERR_INVALID_AUTH_FILE')
    assert.is(readFileSync(file, 'utf8'), damaged)
  }
  await registry.close()
})

test('wants a registry, not a repository or a word', async () => {
  for (const text of ['acme', 'ghcr.io/acme/scim', '', 'http://x y.z/'])
    await rejects(
      login(text, { env: home().env, username: 'a', password: 'b' }),
      'ERR_INVALID_REFERENCE',
    )
})

test('a password in the name of the registry is not repeated', async () => {
  for (const name of ['https://me:s3cret@ghcr.io', 'me:s3cret@ghcr.io']) {
    const error = await rejects(
      login(name, { env: home().env, username: 'a', password: 'b' }),
      'ERR_INVALID_REFERENCE',
    )
    assert.not.match(`${error.message}${error.hint}${JSON.stringify(error.details)}`, /s3cret/)
  }
})

test('a password behind the user is not repeated', async () => {
  const error = await rejects(
    login('ghcr.io', { env: home().env, username: 'me:s3cret', password: 'b' }),
    'ERR_USAGE',
  )
  assert.not.match(`${error.message}${error.hint}${JSON.stringify(error.details)}`, /s3cret/)
})

test.run()
