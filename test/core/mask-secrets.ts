// What a hook says and how it was called, without the secrets of its environment.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { execFailed, maskArguments, secretMask } from '@waybill/core'

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
  'MYSQL_PWD',
  'DB_PASS',
  'GH_PAT',
  'SLACK_WEBHOOK',
  'SESSION_COOKIE',
  'AZURE_SAS',
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
      Buffer.from(SECRET).toString('hex'),
      encodeURIComponent(SECRET).toLowerCase(),
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

for (const [name, value] of [
  ['GIT_CONFIG_VALUE_0', `AUTHORIZATION: basic ${Buffer.from('x:s3cret-1').toString('base64')}`],
  ['OTEL_HEADERS', 'x=y,api-key=s3cret-1'],
  ['PG', 'host=h user=u password=s3cret-1 dbname=d'],
  ['STORAGE', 'AccountName=a;AccountKey=s3cret-1;'],
  ['BUS', 'Endpoint=sb://x/;SharedAccessKey=s3cret-1'],
  ['CURL', '-H "Authorization: Bearer s3cret-1"'],
  ['NPMRC', '//registry.example/:_authToken=s3cret-1'],
  ['JSON', '{"password":"s3cret-1"}'],
  ['REDIS', 'redis://:s3cret-1@h/0'],
  ['REMOTE', 'https://s3cret-1-long@github.com/a/b'],
] as const)
  test(`are masked in what ${name} holds, whatever the name`, () => {
    const secret = name === 'REMOTE' ? 's3cret-1-long' : 's3cret-1'
    assert.is(secretMask({ [name]: value })(`a ${secret} b`), 'a *** b')
  })

test('are masked in lines of base64, as base64(1) breaks them', () => {
  const secret = Array.from({ length: 40 }, (_, at) => `part ${at} of it`).join(', ')
  const mask = secretMask({ API_KEY: secret })
  for (const columns of [76, 64])
    for (const line of Buffer.from(secret)
      .toString('base64')
      .match(new RegExp(`.{1,${columns}}`, 'g'))!)
      if (line.length >= 12) assert.is(mask(line), '***', line)
})

test('are masked where they are all there is, however short', () => {
  const mask = secretMask({ PIN_TOKEN: '4711' })
  assert.is(mask('4711'), '***')
  assert.is(mask('port 4711'), 'port 4711')
})

test('are not seen in plain words', () => {
  const mask = secretMask({
    GIT_AUTHOR_NAME: 'Somebody',
    TOKEN: 'short',
    SSH_AUTH_SOCK: '/tmp/agent.sock',
    KEYBOARD: 'qwertz-de',
    PWD: '/srv/checkout',
    OLDPWD: '/srv/before',
  })
  for (const text of [
    'Somebody wrote a short line',
    '/tmp/agent.sock',
    'qwertz-de',
    '/srv/checkout/a',
    '/srv/before',
  ])
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

for (const [args, shown] of [
  ['curl -u me:s3cret https://h', 'curl -u me:*** https://h'],
  ['skopeo copy --dest-creds=me:s3cret a b', 'skopeo copy --dest-creds=me:*** a b'],
  ['docker build --build-arg NPM_TOKEN=s3cret .', 'docker build --build-arg NPM_TOKEN=*** .'],
  ['docker build --build-arg=NPM_TOKEN=s3cret .', 'docker build --build-arg=NPM_TOKEN=*** .'],
  ['env NPM_TOKEN=s3cret sh', 'env NPM_TOKEN=*** sh'],
  ['helm --set auth.password=s3cret', 'helm --set auth.password=***'],
  ['mysql -ps3cret', 'mysql -p***'],
  ['mysql --password -s3cret', 'mysql --password ***'],
  ['x --pass s3cret --pwd=s3cret', 'x --pass *** --pwd=***'],
  ['x --api_key s3cret --private-key=s3cret', 'x --api_key *** --private-key=***'],
  ['x --db.password s3cret', 'x --db.password ***'],
  ['x -token s3cret -password=s3cret', 'x -token *** -password=***'],
  [
    'x --password-file a --token-path=b --password-stdin c',
    'x --password-file a --token-path=b --password-stdin c',
  ],
  ['docker run --user 1000:1000 -pedantic', 'docker run --user 1000:1000 -pedantic'],
  ['cosign sign --key cosign.key --author=me', 'cosign sign --key cosign.key --author=me'],
] as const)
  test(`arguments: ${args}`, () => assert.is(maskArguments(args.split(' ')).join(' '), shown))

test('arguments: headers are one word', () => {
  for (const header of [
    'Authorization: Bearer s3cret',
    'PRIVATE-TOKEN: s3cret',
    'X-Api-Key:s3cret',
    'Cookie: a=s3cret',
  ])
    assert.not.match(maskArguments(['-H', header]).join(' '), 's3cret')
})

test('no cut of a message leaves half a secret', () => {
  for (let before = 200; before < 320; before += 3) {
    const address = `https://user:${'s3cret'.repeat(40)}@h.example/x`
    const { message } = execFailed('x', ['a'.repeat(before), address], 1, '')
    assert.not.match(message, 's3cret', String(before))
  }
})

test.run()
