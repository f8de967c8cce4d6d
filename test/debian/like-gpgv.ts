// Who may sign a Release file: the same answer as gpgv, asked as apt asks it.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { isWaybillError } from '@waybill/core'
import { emptyFolder, make, prepare, type Given } from '../helpers/debian-base.ts'
import { createGpg, gpgvAccepts, type Gpg } from '../helpers/gpg.ts'
import { withoutEmbedded } from '../helpers/openpgp.ts'
import { testWith } from '../helpers/needs.ts'

const test = suite<Given>('keys and signatures, as gpgv sees them')

/** Makes keys; says which are in the keyring and how a text is signed. */
type Scene = (gpg: Gpg) => {
  readonly keyring: Buffer
  readonly sign: (text: string) => string
}

const homes: Gpg[] = []

const LONG_AGO = '20200101T000000'
const LATER = '20210601T000000'
const YEAR_AGO = '20250601T000000'

type When = { readonly at?: string }

const clearSigner =
  (gpg: Gpg, words: readonly string[], when: When = {}) =>
  (text: string): string =>
    String(gpg.run([...words, '--clear-sign'], { ...when, input: text }))

const signedBy = (gpg: Gpg, key: string, more: readonly string[] = [], when: When = {}) => ({
  keyring: gpg.export(key),
  sign: clearSigner(gpg, ['-u', `${key}!`, ...more], when),
})

function subkey(gpg: Gpg, primary: string, expire = 'never', when: When = {}): string {
  gpg.run(['--quick-add-key', primary, 'ed25519', 'sign', expire], when)
  const listed = String(
    gpg.run(['--list-keys', '--with-colons', '--with-subkey-fingerprint', primary]),
  )
  return [...listed.matchAll(/^fpr:+([0-9A-F]{40}):/gm)].at(-1)![1]!
}

function bySubkey(gpg: Gpg, primary: string, sub: string, when: When = {}): ReturnType<Scene> {
  return { keyring: gpg.export(primary), sign: clearSigner(gpg, ['-u', `${sub}!`], when) }
}

// Once it is revoked, gpg itself does not sign with a key.
function copyOf(gpg: Gpg, key: string): Gpg {
  const copy = createGpg(gpg.home)
  const file = join(copy.home, 'secret.gpg')
  writeFileSync(file, gpg.run(['--export-secret-keys', key]))
  copy.run(['--import', file])
  homes.push(copy)
  return copy
}

function revoke(gpg: Gpg, key: string): void {
  const made = readFileSync(join(gpg.home, 'openpgp-revocs.d', `${key}.rev`), 'utf8')
  const file = join(gpg.home, 'revocation.asc')
  writeFileSync(file, made.replace(':-----BEGIN', '-----BEGIN'))
  gpg.run(['--import', file])
}

const scenes: Readonly<Record<string, Scene>> = {
  'an Ed25519 key': (gpg) => signedBy(gpg, gpg.key('a')),
  'an RSA key': (gpg) => signedBy(gpg, gpg.key('a', { algorithm: 'rsa2048' })),
  'a signing subkey': (gpg) => {
    const key = gpg.key('a')
    return bySubkey(gpg, key, subkey(gpg, key))
  },
  'a key of the keyring beside others': (gpg) => {
    const [a, b, c] = [gpg.key('a'), gpg.key('b', { algorithm: 'rsa2048' }), gpg.key('c')]
    return { keyring: gpg.export(a, b, c), sign: clearSigner(gpg, ['-u', b]) }
  },
  'a key that is not in the keyring': (gpg) => {
    const [a, b] = [gpg.key('a'), gpg.key('b')]
    return { keyring: gpg.export(a), sign: clearSigner(gpg, ['-u', b]) }
  },
  'two signatures, one of them unknown': (gpg) => {
    const [a, b] = [gpg.key('a'), gpg.key('b')]
    return { keyring: gpg.export(a), sign: clearSigner(gpg, ['-u', b, '-u', a]) }
  },
  'a key that has expired': (gpg) => {
    const key = gpg.key('a', { at: LONG_AGO, expire: '1y' })
    return signedBy(gpg, key, [], { at: '20200201T000000' })
  },
  'a key that has not expired yet': (gpg) => {
    const key = gpg.key('a', { at: LONG_AGO, expire: '20y' })
    return signedBy(gpg, key, [], { at: YEAR_AGO })
  },
  'an expiry that was moved on': (gpg) => {
    const key = gpg.key('a', { at: LONG_AGO, expire: '2y' })
    gpg.run(['--quick-set-expire', key, '20y'], { at: LATER })
    return signedBy(gpg, key)
  },
  'an expiry that was moved back': (gpg) => {
    const key = gpg.key('a', { at: LONG_AGO, expire: '20y' })
    gpg.run(['--quick-set-expire', key, '1y'], { at: LATER })
    return signedBy(gpg, key, [], { at: '20210701T000000' })
  },
  'a subkey that has expired': (gpg) => {
    const key = gpg.key('a', { at: LONG_AGO })
    const sub = subkey(gpg, key, '1y', { at: LONG_AGO })
    return bySubkey(gpg, key, sub, { at: '20200201T000000' })
  },
  'a subkey whose primary key has expired': (gpg) => {
    const key = gpg.key('a', { at: LONG_AGO, expire: '1y' })
    const sub = subkey(gpg, key, 'never', { at: LONG_AGO })
    return bySubkey(gpg, key, sub, { at: '20200201T000000' })
  },
  'a key that was revoked': (gpg) => {
    const key = gpg.key('a')
    const before = copyOf(gpg, key)
    revoke(gpg, key)
    return { keyring: gpg.export(key), sign: clearSigner(before, ['-u', key]) }
  },
  'a subkey that was revoked': (gpg) => {
    const key = gpg.key('a')
    const sub = subkey(gpg, key)
    const before = copyOf(gpg, key)
    const answers = 'key 1\nrevkey\ny\n0\n\ny\nsave\n'
    gpg.run(['--no-tty', '--no-batch', '--command-fd', '0', '--edit-key', key], { input: answers })
    return { keyring: gpg.export(key), sign: clearSigner(before, ['-u', `${sub}!`]) }
  },
  'a subkey that does not vouch for its primary key': (gpg) => {
    const key = gpg.key('a')
    const scene = bySubkey(gpg, key, subkey(gpg, key))
    return { ...scene, keyring: withoutEmbedded(scene.keyring) }
  },
  'a user ID that was revoked beside one that was not': (gpg) => {
    const key = gpg.key('a', { at: LONG_AGO })
    gpg.run(['--quick-add-uid', key, 'b <b@example.org>'], { at: LATER })
    gpg.run(['--quick-revoke-uid', key, 'a <a@example.org>'], { at: YEAR_AGO })
    return signedBy(gpg, key)
  },
  'a signature that has expired': (gpg) => {
    const key = gpg.key('a', { at: LONG_AGO })
    return signedBy(gpg, key, ['--default-sig-expire', '1d'], { at: LATER })
  },
  'a signature that has not expired yet': (gpg) => {
    const key = gpg.key('a', { at: LONG_AGO })
    return signedBy(gpg, key, ['--default-sig-expire', '20y'], { at: LATER })
  },
  'a signature from before the key': (gpg) => {
    const key = gpg.key('a', { at: LATER })
    return signedBy(gpg, key, [], { at: LONG_AGO })
  },
  'a signature over SHA-1': (gpg) =>
    signedBy(gpg, gpg.key('a', { algorithm: 'rsa2048' }), ['--digest-algo', 'SHA1']),
  'a signature over SHA-384': (gpg) =>
    signedBy(gpg, gpg.key('a', { algorithm: 'rsa2048' }), ['--digest-algo', 'SHA384']),
  'a note in the signature': (gpg) =>
    signedBy(gpg, gpg.key('a'), ['--sig-notation', 'x@example.org=y']),
  'a note that has to be understood and is not': (gpg) =>
    signedBy(gpg, gpg.key('a'), ['--sig-notation', '!x@example.org=y']),
  'a text that was changed': (gpg) => {
    const { keyring, sign } = signedBy(gpg, gpg.key('a'))
    return {
      keyring,
      sign: (text) => sign(text).replace('Origin: Debian', 'Origin: Debian\nLabel: x'),
    }
  },
  'a blank at the end of a line, which no signature covers': (gpg) => {
    const { keyring, sign } = signedBy(gpg, gpg.key('a'))
    return { keyring, sign: (text) => sign(text).replace('Origin: Debian', 'Origin: Debian  ') }
  },
}

test.before.each(prepare)
test.after.each(({ mirror }) => mirror.close())

async function accepts(given: Given, keyring: Buffer): Promise<boolean> {
  const file = join(emptyFolder(), 'keys.gpg')
  writeFileSync(file, keyring)
  try {
    await make(given, { keyrings: [file], cache: emptyFolder(), platforms: ['linux/amd64'] })
    return true
  } catch (error) {
    // A keyring in which no key may sign says so.
    if (isWaybillError(error, 'ERR_RELEASE_SIGNATURE')) return false
    if (isWaybillError(error, 'ERR_KEYRING_MISSING')) return false
    throw error
  }
}

const verdicts = new Set<boolean>()

for (const [name, scene] of Object.entries(scenes)) {
  testWith(test, ['gpg'], name, async (given) => {
    const folder = emptyFolder()
    const gpg = createGpg(folder)
    try {
      const { keyring, sign } = scene(gpg)
      given.mirror.sign(sign)
      const message = String(given.mirror.files.get('debian/dists/trixie/InRelease'))
      const expected = gpgvAccepts(folder, keyring, message)
      verdicts.add(expected)
      assert.is(
        await accepts(given, keyring),
        expected,
        `gpgv ${expected ? 'takes' : 'refuses'} it`,
      )
    } finally {
      for (const one of [gpg, ...homes.splice(0)]) one.close()
    }
  })
}

testWith(test, ['gpg'], 'some are taken and some are refused', () => {
  assert.equal([...verdicts].toSorted(), [false, true])
})

test.run()
