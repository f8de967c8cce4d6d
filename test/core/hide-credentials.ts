// Users, passwords and tokens in addresses are never repeated.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { WaybillError, hideCredentials, hideCredentialsIn, quotedAddress } from '@waybill/core'

const test = suite('credentials in addresses')

const HOSTS = [
  'ghcr.io',
  '127.0.0.1:5000',
  'localhost:5000',
  'registry:5000',
  '[::1]:5000',
  'a.b-c.example',
]
const PATHS = ['/acme/app', '/acme/app:1.0', `/acme/app@sha256:${'a'.repeat(64)}`]
const SECRETS = [
  's3cret',
  's3:cret',
  's3@cret',
  's3%40cret',
  's3/cret',
  'sécret',
  '$s3cret!',
  's3cret?#',
]

test('are taken out of references and URLs, wherever they stand in a sentence', () => {
  for (const host of HOSTS) {
    for (const path of PATHS) {
      for (const secret of SECRETS) {
        for (const scheme of ['', 'https://', 'http://', 'git+ssh://', 'docker://', 'oci://']) {
          const address = `${scheme}user:${secret}@${host}${path}`
          for (const text of [
            address,
            `"${address}"`,
            `found ${address}, expected x`,
            `--to=${address}`,
            `(${address})`,
          ]) {
            const shown = hideCredentials(text)
            assert.not.match(shown, 'cret', text)
            assert.match(shown, `***@${host}`, text)
          }
        }
      }
    }
  }
})

test('are taken out where a token alone is the user, and out of queries', () => {
  assert.is(hideCredentials('https://ghp_abc@github.com/a/b'), 'https://***@github.com/a/b')
  for (const name of ['token', 'access_token', 'X-Amz-Signature', 'sig', 'password', 'apikey'])
    assert.is(
      hideCredentials(`https://h.example/x?a=b&${name}=abc&c=d`),
      `https://h.example/x?a=b&${name}=***&c=d`,
    )
})

for (const text of [
  'git@github.com:acme/app.git',
  'ssh://git@host.example/acme/app',
  `127.0.0.1:5000/acme/app:1.0@sha256:${'a'.repeat(64)}`,
  `ghcr.io/acme/app@sha256:${'a'.repeat(64)}`,
  'npm:foo@1.2.3',
  'npm:@acme/foo@^1',
  'http://127.0.0.1:4873/@acme/foo',
  'Release-As: hello@2.0.0',
  'Co-authored-by: A <a@example.org>',
  'pkg:golang/example.org/x@v1.2.3',
  'expected 12:30, found x@example.org',
  'hello-v1.0.0 at gitCommit:abc',
]) {
  test(`are not seen where there are none: ${text}`, () => assert.is(hideCredentials(text), text))
}

test('are taken out before a host of one word in a URL', () => {
  for (const host of ['gitea', 'gitea/a', 'gitea?a', 'gitea#a', 'x'])
    for (const user of ['user:s3cret', ':s3cret', 's3cret', 'a:s3@cret'])
      assert.is(hideCredentials(`https://${user}@${host}`), `https://***@${host}`)
})

test('are taken out of one address that is quoted, whatever they hold', () => {
  for (const secret of [
    ...SECRETS,
    'my s3cret',
    '"s3"cret',
    '<s3>cret',
    's3\ncret',
    'x'.repeat(400),
  ])
    for (const scheme of ['', 'https://'])
      for (const host of [...HOSTS, 'registry', '']) {
        const shown = quotedAddress(`${scheme}user:${secret}@${host}/a`)
        assert.is(shown, `${scheme}***@${host}/a`)
      }
  const reference = `ghcr.io/a/b:1@sha256:${'a'.repeat(63)}`
  assert.is(quotedAddress(reference), reference)
  assert.is(quotedAddress('x'.repeat(400)).length, 300)
})

test('are in no error, whoever makes it', () => {
  const address = 'https://user:s3cret@ghcr.io/x'
  const error = new WaybillError('ERR_USAGE', `found ${address}`, {
    hint: `not ${address}`,
    details: { address, list: [address, { deep: address }], count: 1 },
  })
  assert.not.match(`${error.message} ${error.hint} ${JSON.stringify(error.details)}`, 's3cret')
  assert.is(error.details['count'], 1)
  assert.equal(hideCredentialsIn({ a: 1, b: null, c: [true] }), { a: 1, b: null, c: [true] })
})

// A test that hangs fails by the runner's limit; text of megabytes must be read in one pass.
test('are looked for in time that grows with the text', () => {
  for (const text of [
    'a:'.repeat(500_000) + '@'.repeat(500_000),
    'a:b@'.repeat(500_000),
    `${'x'.repeat(2_000_000)} @`,
    '?token'.repeat(300_000),
  ])
    assert.type(hideCredentials(text), 'string')
})

test.run()
