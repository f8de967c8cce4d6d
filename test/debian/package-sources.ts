import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { DebianLock } from '@waybill/debian'
import { emptyFolder, libc, make, packages, prepare, type Given } from '../helpers/debian-base.ts'
import { rejects } from '../helpers/rejects.ts'

const test = suite<Given>('makeBase and its sources')

test.before.each(prepare)
test.after.each(({ mirror }) => mirror.close())

test('takes the newest version of all parts of the archive, and pins it without naming a mirror', async (given) => {
  const { mirror } = given
  await mirror.publish('debian', 'trixie-updates', [libc('amd64', '2.41-12+deb13u1')])
  await mirror.publish('debian-security', 'trixie-security', [libc('amd64', '2.41-12+deb13u10')])
  const { lock } = await make(given)
  assert.is(lock.suite, 'trixie')
  assert.is(lock.packages['libc6']!['amd64']!.version, '2.41-12+deb13u10')
  assert.match(lock.packages['libc6']!['amd64']!.filename, /^pool\/updates\/main\/l\/libc6\//)
  assert.is(lock.packages['libc6']!['arm64']!.version, '2.41-12')
  assert.equal(Object.keys(lock.packages['netbase']!), ['all'])
  assert.not.match(JSON.stringify(lock), /127\.0\.0\.1|http/)
})

test('names `waybill lock` when a pinned package is gone', async (given) => {
  const { lock } = await make(given)
  for (const path of given.mirror.files.keys())
    if (path.includes('tzdata_')) given.mirror.files.delete(path)
  const error = await rejects(make(given, { lock, cache: emptyFolder() }), 'ERR_PACKAGE_VANISHED')
  assert.match(error.message, /tzdata_2026c-0_all\.deb \(version 2026c-0\)/)
  assert.match(error.hint!, /`waybill lock`/)
})

test('finds a security update that has moved into the main archive', async (given) => {
  const { mirror } = given
  await mirror.publish('debian-security', 'trixie-security', [libc('amd64', '2.41-13')])
  const base = await make(given)
  for (const path of mirror.files.keys())
    if (path.startsWith('debian-security/')) mirror.files.delete(path)
  await mirror.publish('debian', 'trixie', [...packages, libc('amd64', '2.41-13')])
  const again = await make(given, { lock: base.lock, cache: emptyFolder() })
  assert.equal(again.descriptor, base.descriptor)
})

test('says unknown, not vanished, when a source cannot be asked', async (given) => {
  const { lock } = await make(given)
  const { mirror } = given
  for (const path of mirror.files.keys()) if (path.includes('tzdata_')) mirror.files.set(path, 403)
  const cache = emptyFolder()
  const refused = await rejects(make(given, { lock, cache }), 'ERR_NO_PACKAGE_SOURCE')
  assert.is(refused.outcome, 'unknown')
  mirror.files.set('debian-security/dists/trixie-security/InRelease', 403)
  const part = await rejects(make(given), 'ERR_NO_PACKAGE_SOURCE')
  assert.match(part.message, /security/)
  const none = await rejects(make(given, { mirror: undefined }), 'ERR_NO_PACKAGE_SOURCE')
  assert.is(none.outcome, 'unknown')
  mirror.files.clear()
  const absent = await rejects(make(given), 'ERR_NO_PACKAGE_SOURCE')
  assert.is(absent.outcome, 'unknown')
})

test('refuses bytes that are not what the index or the Release file says', async (given) => {
  const { mirror } = given
  const deb = [...mirror.files.keys()].find((path) => path.includes('tzdata_'))!
  const good = mirror.files.get(deb) as Buffer
  const bad = Buffer.from(good)
  bad[bad.byteLength - 20]! ^= 1
  mirror.files.set(deb, bad)
  const error = await rejects(make(given), 'ERR_DIGEST_MISMATCH')
  assert.match(error.message, /tzdata_/)
  mirror.files.set(deb, good)
  const index = [...mirror.files.keys()].find((path) => path.includes('by-hash'))!
  mirror.files.set(index, Buffer.from(mirror.files.get(index) as Buffer).fill(0, 40, 50))
  await rejects(make(given, { cache: emptyFolder() }), 'ERR_NO_PACKAGE_SOURCE')
  const release = Buffer.from(
    mirror.files.get('debian/dists/trixie/InRelease') as Buffer,
  ).toString()
  const foreign = release.replace('Origin: Debian', 'Origin: Other')
  mirror.files.set('debian/dists/trixie/InRelease', Buffer.from(foreign))
  const origin = await rejects(make(given), 'ERR_NO_PACKAGE_SOURCE')
  assert.match(origin.message, /"Other"/)
})

test('reads an index by its plain name where the mirror has none by hash', async (given) => {
  const { mirror } = given
  for (const [path, content] of mirror.files) {
    if (!path.includes('/by-hash/')) continue
    mirror.files.delete(path)
    mirror.files.set(path.replace(/by-hash.*/, 'Packages.xz'), content)
  }
  const { lock } = await make(given)
  assert.is(lock.packages['netbase']!['all']!.version, '6.5')
})

test('stops when it is cancelled, and goes on where it was', async (given) => {
  const abort = new AbortController()
  const step = {
    update: ({ done = 0 }: { done?: number }) => done > 2000 && abort.abort(),
    succeed() {},
    fail() {},
  }
  const options = { signal: abort.signal, progress: { start: () => step }, jobs: 1 }
  await rejects(make(given, options), 'ERR_CANCELLED')
  const before = given.mirror.requests.filter((path) => path.endsWith('.deb')).length
  await make(given)
  const all = given.mirror.requests.filter((path) => path.endsWith('.deb')).length
  const packageFiles = [...given.mirror.files.keys()].filter((path) => path.endsWith('.deb')).length
  assert.ok(before > 0 && before < packageFiles)
  assert.ok(all <= packageFiles + 1)
})

test('follows redirects', async (given) => {
  const { mirror } = given
  const before = [...mirror.files]
  for (const [path, content] of before) {
    mirror.files.set(`moved/${path}`, content)
    mirror.files.set(path, `/moved/${path}`)
  }
  await make(given)
  mirror.files.set('debian/dists/trixie/InRelease', '/debian/dists/trixie/InRelease')
  const error = await rejects(make(given), 'ERR_NO_PACKAGE_SOURCE')
  assert.match(error.message, /redirects/)
})

test("reads the machine's own sources, of which only Debian's count", async (given) => {
  const { mirror } = given
  await mirror.publish('debian-security', 'trixie-security', [libc('amd64', '2.41-13')])
  const apt = emptyFolder()
  mkdirSync(join(apt, 'sources.list.d'))
  writeFileSync(join(apt, 'sources.list'), `deb [arch=amd64] ${mirror.url}/debian trixie main\n`)
  writeFileSync(
    join(apt, 'sources.list.d/debian.sources'),
    `Types: deb deb-src\nURIs: ${mirror.url}/debian-security/\nSuites: trixie-security\nComponents: main\n`,
  )
  writeFileSync(
    join(apt, 'sources.list.d/other.list'),
    `deb ${mirror.url}/other trixie-pgdg main\ndeb ${mirror.url}/nodistro nodistro main\n`,
  )
  const { lock } = await make(given, { mirror: undefined, aptFolder: apt, suite: undefined })
  assert.is(lock.suite, 'trixie')
  assert.is(lock.packages['libc6']!['amd64']!.version, '2.41-13')
  assert.not.ok(mirror.requests.some((path) => /^(other|nodistro)/.test(path)))
})

test('refuses a lock that does not fit or is damaged, and platforms Debian has not', async (given) => {
  const { lock } = await make(given)
  const bad = (change: object): Promise<unknown> =>
    make(given, { lock: { ...lock, ...change } as DebianLock, suite: undefined })
  await rejects(bad({ suite: 'sarge' }), 'ERR_INVALID_LOCK')
  await rejects(bad({ packages: { ...lock.packages, libc6: {} } }), 'ERR_LOCK_INCOMPLETE')
  const pin = { ...lock.packages['netbase']!['all']!, filename: 'pool/../../secret.deb' }
  await rejects(bad({ packages: { ...lock.packages, netbase: { all: pin } } }), 'ERR_INVALID_LOCK')
  await rejects(make(given, { lock, suite: 'bookworm' }), 'ERR_LOCK_INCOMPLETE')
  await rejects(make(given, { platforms: ['linux/mips'] }), 'ERR_UNKNOWN_PLATFORM')
  await rejects(make(given, { platforms: ['linux/ppc64le'] }), 'ERR_PACKAGE_MISSING')
  await rejects(make(given, { mirror: 'ftp://example.org' }), 'ERR_INVALID_MIRROR')
})

test.run()
