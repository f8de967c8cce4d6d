import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { makeBase } from '@waybill/debian'
import { createHttpClient, type HttpClient, type Logger } from '@waybill/core'
import { emptyFolder, libc, make, prepare, type Given } from '../helpers/debian-base.ts'
import { testWith } from '../helpers/needs.ts'
import { createSigner } from '../helpers/openpgp.ts'
import { rejects } from '../helpers/rejects.ts'

const test = suite<Given>('the signature of a Release file')
const signers = { rsa: createSigner('rsa'), eddsa: createSigner('eddsa') }
const other = createSigner('eddsa')

function keyFile(bytes: Buffer | string): string {
  const path = join(emptyFolder(), 'keys.gpg')
  writeFileSync(path, bytes)
  return path
}

const armoured = (bytes: Buffer): string =>
  `-----BEGIN PGP PUBLIC KEY BLOCK-----\nComment: x\n\n${bytes.toString('base64').replace(/.{64}/g, '$&\n')}\n=AAAA\n-----END PGP PUBLIC KEY BLOCK-----\n`

test.before.each(prepare)
test.after.each(({ mirror }) => mirror.close())

for (const [kind, signer] of Object.entries(signers)) {
  test(`is accepted from a key of the keyring (${kind}), in binary and in armour`, async (given) => {
    given.mirror.sign(signer.clearSign)
    const both = Buffer.concat([other.publicKey, signer.publicKey])
    for (const content of [both, armoured(both)])
      await make(given, { keyrings: [keyFile(content)], cache: emptyFolder() })
  })

  test(`is refused when the text was changed or another signed it (${kind})`, async (given) => {
    given.mirror.sign(signer.clearSign)
    const stranger = await rejects(
      make(given, { keyrings: [keyFile(other.publicKey)] }),
      'ERR_RELEASE_SIGNATURE',
    )
    assert.match(stranger.message, /dists\/trixie\/InRelease/)
    const path = 'debian/dists/trixie/InRelease'
    const text = String(given.mirror.files.get(path))
    const changes = [
      text.replace('Acquire-By-Hash: yes', 'Acquire-By-Hash: no'),
      text.replace(/^( [0-9a-f]{63})./m, '$1x'.replace('x', '0')),
      text.replace('Origin: Debian', 'Origin: Debian\nComment: added'),
    ]
    for (const changed of changes) {
      if (changed === text) continue
      given.mirror.files.set(path, Buffer.from(changed))
      await rejects(make(given, { keyrings: [keyFile(signer.publicKey)] }), 'ERR_RELEASE_SIGNATURE')
    }
  })
}

test('counts for nothing outside the signed text', async (given) => {
  const { mirror } = given
  mirror.sign(signers.rsa.clearSign)
  const path = 'debian/dists/trixie/InRelease'
  const good = String(mirror.files.get(path))
  const bare = good.slice(good.indexOf('\n\n') + 2, good.indexOf('-----BEGIN PGP SIGNATURE'))
  const keyrings = [keyFile(signers.rsa.publicKey)]
  for (const bad of [`${bare}${good}`, `${good}${bare}`, `${good}${good}`, bare]) {
    mirror.files.set(path, Buffer.from(bad))
    await rejects(make(given, { keyrings }), 'ERR_NO_PACKAGE_SOURCE')
  }
})

test('is refused from a revoked key', async (given) => {
  given.mirror.sign(signers.rsa.clearSign)
  const revoked = Buffer.concat([signers.rsa.publicKey, signers.rsa.revocation, other.publicKey])
  await rejects(make(given, { keyrings: [keyFile(revoked)] }), 'ERR_RELEASE_SIGNATURE')
})

test('is needed of every part of the archive', async (given) => {
  const { mirror } = given
  mirror.sign(signers.rsa.clearSign)
  await mirror.publish('debian-security', 'trixie-security', [libc('amd64', '9')])
  const keyrings = [keyFile(signers.rsa.publicKey)]
  await rejects(make(given, { keyrings }), 'ERR_RELEASE_SIGNATURE')
})

test('does not pass for that of another suite', async (given) => {
  const { mirror } = given
  await mirror.publish('debian', 'bookworm', [])
  mirror.sign(signers.rsa.clearSign)
  const replayed = mirror.files.get('debian/dists/bookworm/InRelease')!
  mirror.files.set('debian/dists/trixie/InRelease', replayed)
  const keyrings = [keyFile(signers.rsa.publicKey)]
  const error = await rejects(make(given, { keyrings }), 'ERR_NO_PACKAGE_SOURCE')
  assert.match(error.message, /expected the Release file of Debian trixie/)
})

test('is checked with the keys that apt names for the archive', async (given) => {
  const { mirror } = given
  mirror.sign(signers.eddsa.clearSign)
  const apt = emptyFolder()
  const use = (key: Buffer): void =>
    writeFileSync(
      join(apt, 'sources.list'),
      `deb [signed-by=${keyFile(key)}] ${mirror.url}/debian trixie main\n`,
    )
  mkdirSync(join(apt, 'sources.list.d'))
  use(signers.eddsa.publicKey)
  const options = { aptFolder: apt, mirror: undefined, keyrings: undefined }
  await make(given, options)
  use(other.publicKey)
  await rejects(make(given, options), 'ERR_RELEASE_SIGNATURE')
  writeFileSync(join(apt, 'sources.list'), `deb ${mirror.url}/debian trixie main\n`)
  mkdirSync(join(apt, 'trusted.gpg.d'))
  writeFileSync(join(apt, 'trusted.gpg.d/mine.asc'), armoured(signers.eddsa.publicKey))
  await make(given, options)
})

test('is not looked for where a lock says it all', async (given) => {
  const { lock } = await make(given)
  await make(given, { lock, cache: emptyFolder(), keyrings: ['/nowhere'] })
  await rejects(make(given, { keyrings: ['/nowhere'] }), 'ERR_KEYRING_MISSING')
})

const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg'

testWith(
  test,
  ['apt'],
  "is Debian's own on the real archive, and a changed byte is seen",
  async () => {
    if (!existsSync(KEYRING)) return
    const client = createHttpClient({ env: process.env })
    const notes: string[] = []
    const logger: Logger = { debug: (text) => notes.push(text), info() {}, warn() {}, error() {} }
    const options = {
      platforms: ['linux/amd64'],
      suite: 'trixie',
      cache: emptyFolder(),
      keyrings: [KEYRING],
    } as const
    await makeBase('static', { ...options, logger })
    assert.ok(notes.some((note) => /trixie\/InRelease: signed by [0-9a-f]{40}/.test(note)))
    const http: HttpClient = {
      async request(url, request) {
        const answer = await client.request(url, request)
        if (!url.endsWith('/InRelease')) return answer
        const text = Buffer.from(await answer.bytes(1e7))
          .toString()
          .replace(/^Date: ./m, 'Date: X')
        return { ...answer, bytes: () => Promise.resolve(Buffer.from(text)) }
      },
      close: () => client.close(),
    }
    await rejects(makeBase('static', { ...options, http }), 'ERR_RELEASE_SIGNATURE')
    await client.close()
  },
)

test.run()
