// What login does to docker's file: nothing of anybody else's is lost, whoever writes when, and nothing but a file is written to.
import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { destination, login } from '@waybill/registry'
import { startRegistry } from '@waybill/testkit'
import { WHOLE, credential, home, slowRegistry } from '../helpers/login.ts'
import { rejects } from '../helpers/rejects.ts'
import { temporaryFolder } from '../helpers/temporary.ts'

const test = suite('login: the file')
const homes = temporaryFolder('login-file')

test('changes its own entry alone: every other byte stays, in whatever layout', async () => {
  const registry = await slowRegistry()
  const { address } = registry
  const auth = credential('a', 'b')
  const layouts: readonly (readonly [string, string])[] = [
    [
      WHOLE,
      WHOLE.replace(
        '"quay.io": {}',
        `"quay.io": {},\n        "${address}": {\n            "auth": "${auth}"\n        }`,
      ),
    ],
    [
      '{"auths":{"a.b":{"auth":"x"}},"z":1.0}',
      `{"auths":{"a.b":{"auth":"x"}, "${address}": {"auth": "${auth}"}},"z":1.0}`,
    ],
    ['{"z":1.0}', `{"z":1.0, "auths": {"${address}": {"auth": "${auth}"}}}`],
    [
      '{"auths":null,"z":[{"auths":{}}]}',
      `{"auths":{"${address}": {"auth": "${auth}"}},"z":[{"auths":{}}]}`,
    ],
    ['', `{\n\t"auths": {\n\t\t"${address}": {\n\t\t\t"auth": "${auth}"\n\t\t}\n\t}\n}\n`],
    [
      ' {} \n\n',
      ` {\n\t"auths": {\n\t\t"${address}": {\n\t\t\t"auth": "${auth}"\n\t\t}\n\t}\n} \n\n`,
    ],
    [
      '{\r\n\t"credHelpers": {"}": "\\"{"}\r\n}\r\n',
      `{\r\n\t"credHelpers": {"}": "\\"{"},\r\n\t"auths": {\r\n\t\t"${address}": {\r\n\t\t\t"auth": "${auth}"\r\n\t\t}\r\n\t}\r\n}\r\n`,
    ],
    [
      `{"\\u0061uths":{"https://${address}/v1/":{"auth":"old"},"a.b":{},"http://${address}":{}}}`,
      `{"\\u0061uths":{"a.b":{}, "${address}": {"auth": "${auth}"}}}`,
    ],
  ]
  for (const [before, after] of layouts) {
    const { env, file } = home(before)
    const options = { env, username: 'a', password: 'b' }
    await login(address, options)
    assert.is(readFileSync(file, 'utf8'), after)
    const once = JSON.parse(readFileSync(file, 'utf8')) as unknown
    await login(address, options)
    assert.equal(JSON.parse(readFileSync(file, 'utf8')), once)
  }
  registry.close()
})

test('makes a folder for its owner alone, under any umask, and leaves one that is there', async () => {
  const registry = await slowRegistry()
  const before = process.umask()
  try {
    for (const umask of [0, 0o022, 0o077, 0o177]) {
      process.umask(umask)
      const { env, file } = home()
      await login(registry.address, { env, username: 'a', password: 'b' })
      assert.is(statSync(join(file, '..')).mode & 0o777, 0o700, umask.toString(8))
      assert.is(statSync(file).mode & 0o777, 0o600, umask.toString(8))
    }
  } finally {
    process.umask(before)
  }
  const { env, file } = home('{}')
  chmodSync(join(file, '..'), 0o755)
  await login(registry.address, { env, username: 'a', password: 'b' })
  assert.is(statSync(join(file, '..')).mode & 0o777, 0o755)
  assert.is(statSync(file).mode & 0o777, 0o600)
  registry.close()
})

test('follows links, as docker does, also to a file that is not there yet', async () => {
  const registry = await slowRegistry()
  for (const isThere of [true, false]) {
    const { env, file } = home('{}')
    const target = join(mkdtempSync(join(homes, 'target-')), 'real.json')
    if (isThere) writeFileSync(target, '{"auths":{"ghcr.io":{"auth":"eDp5"}}}', { mode: 0o644 })
    rmSync(file)
    symlinkSync('other.json', file)
    symlinkSync(target, join(file, '../other.json'))
    await login(registry.address, { env, username: 'a', password: 'b' })
    assert.ok(lstatSync(file).isSymbolicLink())
    assert.is(readlinkSync(file), 'other.json')
    assert.is(statSync(target).mode & 0o777, 0o600)
    const { auths } = JSON.parse(readFileSync(target, 'utf8')) as { auths: object }
    assert.is(Object.keys(auths).length, isThere ? 2 : 1)
  }
  registry.close()
})

const IN_THE_WAY: Readonly<Record<string, (file: string) => void>> = {
  'a pipe': (file) => execFileSync('mkfifo', [file]),
  'a folder': (file) => mkdirSync(file),
  'a device': (file) => symlinkSync('/dev/zero', file),
  'a link to a pipe': (file) => {
    execFileSync('mkfifo', [`${file}.pipe`])
    symlinkSync('config.json.pipe', file)
  },
  'a circle of links': (file) => symlinkSync('config.json', file),
}

for (const [what, place] of Object.entries(IN_THE_WAY))
  test(`${what} in place of the file is one line, for login and for what reads it`, async () => {
    const registry = await startRegistry()
    const { env, file } = home('{}')
    rmSync(file)
    place(file)
    const before = lstatSync(file).ino
    const failures = [
      () => login(registry.address, { env, username: 'a', password: 'b' }),
      () => destination(`${registry.address}/a/b`, { env }).names(),
    ]
    for (const fail of failures) {
      const error = await rejects(fail(), 'ERR_INVALID_AUTH_FILE')
      assert.match(error.message, /it is a (pipe|folder|device), not a file|links lead in a circle/)
      assert.not.match(error.message, /\n/)
    }
    assert.is(lstatSync(file).ino, before)
    await registry.close()
  })

test('a file where the folder belongs is one line', async () => {
  const registry = await slowRegistry()
  const { env, file } = home()
  writeFileSync(join(file, '..'), 'x')
  const error = await rejects(
    login(registry.address, { env, username: 'a', password: 'b' }),
    'ERR_INVALID_AUTH_FILE',
  )
  assert.match(error.message, /a part of its path is a file/)
  registry.close()
})

const SECRET = 's3cr3t'
const WRONG: readonly (readonly [string, 'ERR_INVALID_AUTH_FILE' | 'ERR_AMBIGUOUS_JSON'])[] = [
  ['{"auths":[]}', 'ERR_INVALID_AUTH_FILE'],
  ['{"auths":5}', 'ERR_INVALID_AUTH_FILE'],
  [`{"auths":"${SECRET}"}`, 'ERR_INVALID_AUTH_FILE'],
  ['{"auths":false}', 'ERR_INVALID_AUTH_FILE'],
  ['{"credHelpers":["x"]}', 'ERR_INVALID_AUTH_FILE'],
  ['{"credsStore":{}}', 'ERR_INVALID_AUTH_FILE'],
  ['null', 'ERR_INVALID_AUTH_FILE'],
  ['5', 'ERR_INVALID_AUTH_FILE'],
  [`{"auths":{"a":{"auth":"${SECRET}"}`, 'ERR_INVALID_AUTH_FILE'],
  [`{"auths":{"a":{"auth":"${SECRET}" x}}}`, 'ERR_INVALID_AUTH_FILE'],
  ['{} {}', 'ERR_INVALID_AUTH_FILE'],
  ['\ufeff{}', 'ERR_INVALID_AUTH_FILE'],
  ['{}\0', 'ERR_INVALID_AUTH_FILE'],
  [`{"auths":{},"Auths":{"a":{"auth":"${SECRET}"}}}`, 'ERR_AMBIGUOUS_JSON'],
  [`{"Auths":{"a":{"auth":"${SECRET}"}}}`, 'ERR_AMBIGUOUS_JSON'],
  [`{"auths":{"a":{"auth":"x","AUTH":"${SECRET}"}}}`, 'ERR_AMBIGUOUS_JSON'],
  [`{"auths":{"https://me:${SECRET}@a/":{},"https://me:${SECRET}@a/":{}}}`, 'ERR_AMBIGUOUS_JSON'],
  ['{"credsstore":"desktop"}', 'ERR_AMBIGUOUS_JSON'],
]

test('a file that docker does not read, or reads otherwise, is one line and stays as it is', async () => {
  const registry = await slowRegistry()
  for (const [text, code] of WRONG) {
    const { env, file } = home(text)
    const failures = [
      () => login(registry.address, { env, username: 'a', password: 'b' }),
      () => destination(`${registry.address}/a/b`, { env }).names(),
    ]
    for (const fail of failures) {
      const error = await rejects(fail(), code)
      assert.match(error.message, file, text)
      assert.not.match(`${error.message}${error.hint}`, /\n|s3cr3t/)
      assert.is(readFileSync(file, 'utf8'), text)
    }
  }
  registry.close()
})

test('removes what a killed login left, which may hold a password', async () => {
  const registry = await slowRegistry()
  const { env, file } = home('{}')
  writeFileSync(`${file}.999999999.0123abcd.tmp`, '{"auths":{}}')
  await login(registry.address, { env, username: 'a', password: 'b' })
  assert.equal(readdirSync(join(file, '..')), ['config.json'])
  registry.close()
})

test('an empty DOCKER_CONFIG is none: nothing is written into the current folder', async () => {
  const registry = await slowRegistry()
  const { env, file } = home()
  const result = await login(registry.address, {
    env: { ...env, DOCKER_CONFIG: '' },
    username: 'a',
    password: 'b',
  })
  assert.is(result.file, file)
  registry.close()
})

test.run()
