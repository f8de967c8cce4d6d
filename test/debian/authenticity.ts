// Fail closed: no key, an old Release file or a hidden archive of security updates is never a reason to go on.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Logger } from '@waybill/core'
import { emptyFolder, libc, make, packages, prepare, type Given } from '../helpers/debian-base.ts'
import { createSigner } from '../helpers/openpgp.ts'
import { rejects } from '../helpers/rejects.ts'

const test = suite<Given>('authenticity of packages')
const signer = createSigner('eddsa')
const other = createSigner('eddsa')

const NOW = Date.parse('2026-12-01T12:00:00Z') / 1000
const DAY = 24 * 60 * 60
const MAIN = 'debian/dists/trixie/InRelease'
const SECURITY = 'debian-security/dists/trixie-security/InRelease'

function keyFile(bytes: Buffer): string {
  const path = join(emptyFolder(), 'keys.gpg')
  writeFileSync(path, bytes)
  return path
}

const keyrings = [keyFile(signer.publicKey)]
const utc = (seconds: number): string =>
  new Date(seconds * 1000).toUTCString().replace('GMT', 'UTC')

/** Signs the Release files again, with other lines behind the origin. */
function sign({ mirror }: Given, ...lines: readonly string[]): void {
  for (const [path, content] of mirror.files) {
    if (!path.endsWith('/InRelease') || typeof content === 'number') continue
    const plain = String(content).replace(/^(?:Date|Valid-Until|date|valid-until): .*\n/gm, '')
    mirror.files.set(
      path,
      Buffer.from(
        plain.replace(/^Origin: Debian\n/m, `$&${lines.map((line) => `${line}\n`).join('')}`),
      ),
    )
  }
  mirror.sign(signer.clearSign)
}

test.before.each(prepare)
test.after.each(({ mirror }) => mirror.close())

for (const [name, lines] of Object.entries({
  'without dates, as small mirrors have them': [],
  'that is valid until tomorrow': [`Date: ${utc(NOW)}`, `Valid-Until: ${utc(NOW + DAY)}`],
  'that is old and never expires, as that of a stable release': [`Date: ${utc(NOW - 400 * DAY)}`],
  'dated by a clock that is an hour ahead': [`Date: ${utc(NOW + 3600)}`],
})) {
  test(`a Release file is taken ${name}`, async (given) => {
    sign(given, ...lines)
    await make(given, { keyrings, now: NOW })
  })
}

for (const [name, lines] of Object.entries({
  'that expired in 2022': [
    'Date: Sat, 01 Jan 2022 00:00:00 UTC',
    'Valid-Until: Sat, 08 Jan 2022 00:00:00 UTC',
  ],
  'that expired a second ago': [`Valid-Until: ${utc(NOW - 1)}`],
  'that expired, in lower case': [`valid-until: ${utc(NOW - DAY)}`],
  'of the day after tomorrow': [`Date: ${utc(NOW + 2 * DAY)}`],
})) {
  test(`a Release file is refused ${name}`, async (given) => {
    sign(given, ...lines)
    const error = await rejects(make(given, { keyrings, now: NOW }), 'ERR_RELEASE_STALE')
    assert.match(
      error.message,
      /InRelease is (?:valid until|dated) 20\d\d-\d\d-\d\d, and today is 2026-12-01/,
    )
  })
}

for (const text of [
  'soon',
  '2022-01-08',
  'Sat, 08 Jan 2022 00:00:00 PST',
  'Sat, 99 Jan 2022 00:00:00 UTC',
]) {
  test(`a Release file is refused whose date cannot be read: ${text}`, async (given) => {
    for (const field of ['Date', 'Valid-Until']) {
      sign(given, `${field}: ${text}`)
      const error = await rejects(make(given, { keyrings, now: NOW }), 'ERR_NO_PACKAGE_SOURCE')
      assert.match(error.message, new RegExp(`expected ${field} to be a date`))
    }
  })
}

test('the lock says of when it is, and a replay of an older state is refused', async (given) => {
  sign(given, `Date: ${utc(NOW)}`)
  const { lock } = await make(given, { keyrings, now: NOW })
  assert.equal(lock.released, {
    main: '2026-12-01T12:00:00.000Z',
    security: '2026-12-01T12:00:00.000Z',
  })
  for (const lines of [[`Date: ${utc(NOW - 1)}`], []]) {
    sign(given, ...lines)
    const error = await rejects(
      make(given, { keyrings, now: NOW, before: lock }),
      'ERR_RELEASE_STALE',
    )
    assert.match(error.message, /2026-12-01/)
  }
})

test('a lock stays as it is where the packages are the same', async (given) => {
  sign(given, `Date: ${utc(NOW - DAY)}`)
  const { lock } = await make(given, { keyrings, now: NOW })
  sign(given, `Date: ${utc(NOW)}`)
  assert.equal((await make(given, { keyrings, now: NOW, before: lock })).lock, lock)
  await given.mirror.publish('debian', 'trixie', [...packages, libc('amd64', '2.41-99')])
  sign(given, `Date: ${utc(NOW)}`)
  const renewed = await make(given, { keyrings, now: NOW, before: lock, cache: emptyFolder() })
  assert.is(renewed.lock.released?.main, '2026-12-01T12:00:00.000Z')
  assert.is(renewed.lock.packages['libc6']?.['amd64']?.version, '2.41-99')
})

test('pinned packages are held to their sha256 alone: no Release file is read', async (given) => {
  sign(given)
  const { lock } = await make(given, { keyrings, now: NOW })
  sign(given, `Valid-Until: ${utc(NOW - DAY)}`)
  const before = given.mirror.requests.length
  await make(given, { lock, keyrings: undefined, cache: emptyFolder(), now: NOW })
  assert.not.ok(given.mirror.requests.slice(before).some((path) => path.includes('InRelease')))
})

for (const status of [404, 410]) {
  test(`a security archive that answers ${status} is refused, unless the call says so`, async (given) => {
    sign(given)
    given.mirror.files.set(SECURITY, status)
    const error = await rejects(make(given, { keyrings }), 'ERR_SECURITY_MISSING')
    assert.match(error.hint!, /--without-security/)
    const { lock } = await make(given, { keyrings, withoutSecurity: true })
    assert.equal(lock.released, {})
  })
}

for (const status of [401, 403, 429, 500, 503]) {
  test(`a security archive that answers ${status} may be there: nothing is taken without it`, async (given) => {
    sign(given)
    given.mirror.files.set(SECURITY, status)
    const error = await rejects(
      make(given, { keyrings, withoutSecurity: true }),
      'ERR_NO_PACKAGE_SOURCE',
    )
    assert.is(error.outcome, 'unknown')
  })
}

function aptFolder(given: Given, ...sources: readonly string[]): string {
  const apt = emptyFolder()
  mkdirSync(join(apt, 'sources.list.d'))
  mkdirSync(join(apt, 'trusted.gpg.d'))
  writeFileSync(
    join(apt, 'sources.list'),
    sources.join('\n').replaceAll('MIRROR', given.mirror.url),
  )
  return apt
}

const fromApt = (apt: string) => ({ aptFolder: apt, mirror: undefined, keyrings: undefined })

test('parts of the archive that apt names may not be missing', async (given) => {
  sign(given)
  const key = keyrings[0]
  const main = `deb [signed-by=${key}] MIRROR/debian trixie main`
  await make(given, fromApt(aptFolder(given, main)))
  for (const [part, code] of [
    ['debian-security trixie-security', 'ERR_SECURITY_MISSING'],
    ['debian trixie-updates', 'ERR_NO_PACKAGE_SOURCE'],
  ] as const) {
    given.mirror.files.set(SECURITY, 404)
    const apt = aptFolder(given, main, `deb [signed-by=${key}] MIRROR/${part} main`)
    await rejects(make(given, fromApt(apt)), code)
  }
})

test('where there is no key, there are no packages', async (given) => {
  sign(given)
  const apt = aptFolder(given, 'deb [signed-by=/nowhere.gpg] MIRROR/debian trixie main')
  const error = await rejects(make(given, fromApt(apt)), 'ERR_KEYRING_MISSING')
  assert.match(error.message, /found no key in \/nowhere\.gpg/)
  assert.match(error.hint!, /--keyring FILE/)
  for (const content of [
    '',
    'no key',
    '-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nAAAA\n-----END PGP PUBLIC KEY BLOCK-----\n',
  ])
    await rejects(make(given, { keyrings: [keyFile(Buffer.from(content))] }), 'ERR_KEYRING_MISSING')
})

test('the key of one archive does not vouch for another', async (given) => {
  sign(given)
  const [mine, theirs] = [keyrings[0], keyFile(other.publicKey)]
  const right = aptFolder(
    given,
    `deb [signed-by=${mine}] MIRROR/debian trixie main`,
    `deb [signed-by=${mine}] MIRROR/debian-security trixie-security main`,
  )
  await make(given, fromApt(right))
  const wrong = aptFolder(
    given,
    `deb [signed-by=${mine}] MIRROR/debian trixie main`,
    `deb [signed-by=${theirs}] MIRROR/debian-security trixie-security main`,
  )
  await rejects(make(given, fromApt(wrong)), 'ERR_RELEASE_SIGNATURE')
})

const armour = (bytes: Buffer): string =>
  [
    '-----BEGIN PGP PUBLIC KEY BLOCK-----',
    '.',
    ...bytes.toString('base64').match(/.{1,64}/g)!,
    '-----END PGP PUBLIC KEY BLOCK-----',
  ]
    .map((line) => ` ${line}`)
    .join('\n')

test("a key may be in apt's source itself", async (given) => {
  sign(given)
  for (const [key, isGood] of [
    [signer.publicKey, true],
    [other.publicKey, false],
  ] as const) {
    const apt = aptFolder(given)
    const source = `Types: deb\nURIs: ${given.mirror.url}/debian\nSuites: trixie\nComponents: main\nSigned-By:\n${armour(key)}\n`
    writeFileSync(join(apt, 'sources.list.d/debian.sources'), source)
    if (isGood) await make(given, fromApt(apt))
    else await rejects(make(given, fromApt(apt)), 'ERR_RELEASE_SIGNATURE')
  }
})

test('a fingerprint chooses among the keys that apt trusts', async (given) => {
  sign(given)
  for (const [fingerprint, isGood] of [
    [signer.fingerprint, true],
    [`${signer.fingerprint}!`, true],
    [other.fingerprint, false],
  ] as const) {
    const apt = aptFolder(
      given,
      `deb [signed-by=${fingerprint.toUpperCase()}] MIRROR/debian trixie main`,
    )
    writeFileSync(
      join(apt, 'trusted.gpg.d/both.gpg'),
      Buffer.concat([signer.publicKey, other.publicKey]),
    )
    if (isGood) await make(given, fromApt(apt))
    else await rejects(make(given, fromApt(apt)), 'ERR_RELEASE_SIGNATURE')
  }
})

test('who asks for unchecked packages is warned, and the lock says so', async (given) => {
  const warnings: string[] = []
  const logger: Logger = { debug() {}, info() {}, warn: (text) => warnings.push(text), error() {} }
  given.mirror.files.set(MAIN, Buffer.from(String(given.mirror.files.get(MAIN))))
  const { lock } = await make(given, { keyrings: [], logger })
  assert.is(lock.unauthenticated, true)
  assert.match(warnings.join('\n'), /not authenticated/)
  sign(given)
  assert.is((await make(given, { keyrings, before: lock })).lock.unauthenticated, undefined)
  assert.is((await make(given, { lock, cache: emptyFolder() })).lock.unauthenticated, true)
})

test.run()
