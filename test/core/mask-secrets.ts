// What a hook says and how it was called, without the secrets of its environment.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { maskArguments, secretMask } from '@waybill/core'

const test = suite('secrets of an environment')
const SECRET = 'correct-horse/battery+staple'

for (const name of [
  'GITHUB_TOKEN',
  'NPM_CONFIG__AUTH',
  'NODE_AUTH_TOKEN',
  'DB_PASSWORD',
  'COSIGN_PASSWORD',
  'AWS_SECRET_ACCESS_KEY',
  'API_KEY',
  'SIGNING_PRIVATE',
  'REGISTRY_CREDENTIALS',
  'SENTRY_DSN',
  'DATABASE_URL',
  'GPG_PASSPHRASE',
  'AZURE_STORAGE_CONNECTION_STRING',
]) {
  test(`are masked by the name ${name}, in every form`, () => {
    const mask = secretMask({ [name]: SECRET, HOME: '/root' })
    for (const form of [
      SECRET,
      encodeURIComponent(SECRET),
      Buffer.from(SECRET).toString('base64'),
      Buffer.from(`user:${SECRET}`).toString('base64'),
      Buffer.from(`u:${SECRET}`).toString('base64'),
      Buffer.from(`me:${SECRET}\n`).toString('base64url'),
    ]) {
      const shown = mask(`before ${form} after`)
      assert.match(shown, /^before .*\*\*\*.* after$/, form)
      assert.not.match(shown, SECRET)
      const left = shown.replace(/^before | after$/g, '')
      assert.ok(left.length < 20, `${form} -> ${left}`)
    }
  })
}

test('are masked in an address, whatever the variable is called', () => {
  const mask = secretMask({ WHERE: 'postgres://app:p%40ssw0rd%21@db.example/x' })
  assert.is(mask('p%40ssw0rd%21 and p@ssw0rd!'), '*** and ***')
})

test('are masked in what a docker configuration holds', () => {
  const auth = Buffer.from('user:correct-horse').toString('base64')
  const mask = secretMask({
    DOCKER_AUTH_CONFIG: JSON.stringify({
      auths: { 'ghcr.io': { auth }, 'x.io': { identitytoken: 'identity-token-1' } },
    }),
  })
  assert.is(mask(`${auth} correct-horse identity-token-1`), '*** *** ***')
})

test('are masked line by line where a key has several', () => {
  const key = [
    '-----BEGIN PRIVATE KEY-----',
    'MIIEvQIBADANBgkqhkiG9w0BAQ',
    'AAAABBBBCCCCDDDD',
    '-----END PRIVATE KEY-----',
  ].join('\n')
  const mask = secretMask({ SIGNING_KEY: key })
  for (const line of key.split('\n')) assert.is(mask(line), '***')
})

test('are not seen in plain words', () => {
  const mask = secretMask({
    GIT_AUTHOR_NAME: 'Somebody',
    TOKEN: 'short',
    SSH_AUTH_SOCK: '/tmp/agent.sock',
    KEYBOARD: 'qwertz-de',
  })
  for (const text of ['Somebody wrote a short line', '/tmp/agent.sock', 'qwertz-de'])
    assert.is(mask(text), text)
})

test('are masked in arguments by the names of their options', () => {
  assert.equal(
    maskArguments([
      'sign',
      '--password',
      'x',
      '--token=y',
      '-p',
      'z',
      '--registry-password=a=b',
      '--author',
      'me',
      '--password',
      '--next',
      'c',
    ]),
    [
      'sign',
      '--password',
      '***',
      '--token=***',
      '-p',
      '***',
      '--registry-password=***',
      '--author',
      'me',
      '--password',
      '--next',
      'c',
    ],
  )
})

test.run()
