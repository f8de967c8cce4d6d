// waybill lock --packages: who vouches for what is pinned.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { waybill, type CliResult } from '../helpers/cli.ts'
import { emptyFolder, prepare, type Given } from '../helpers/debian-base.ts'
import { createSigner } from '../helpers/openpgp.ts'

interface Project extends Given {
  folder: string
  lock(...words: readonly string[]): Promise<CliResult>
}

const test = suite<Project>('waybill lock --packages')
const signer = createSigner('eddsa')

const DEFINITION = `schemaVersion: 1
registries: { r: 127.0.0.1:9 }
components:
  a:
    path: .
    tag: "v{version}"
    versionFiles: []
    builds: [{ toolchain: prebuilt, binary: a, from: a, platforms: [linux/amd64] }]
    images: [{ repository: a, base: "gcr.io/distroless/base-nossl-debian13:nonroot", path: /a }]
`

test.before.each(async (given) => {
  await prepare(given)
  given.mirror.sign(signer.clearSign)
  given.folder = emptyFolder()
  writeFileSync(join(given.folder, 'waybill.yaml'), DEFINITION)
  writeFileSync(join(given.folder, 'mine.gpg'), signer.publicKey)
  given.lock = (...words) =>
    waybill(['lock', '--packages', '--json', '--mirror', `${given.mirror.url}/debian`, ...words], {
      cwd: given.folder,
    })
})
test.after.each(({ mirror }) => mirror.close())

const errorOf = (result: CliResult): Record<string, string> =>
  result.json()['error'] as Record<string, string>

test('takes what a key of the file has signed, and nothing else', async ({ lock, folder }) => {
  const pinned = await lock('--keyring', 'mine.gpg')
  assert.is(pinned.code, 0, pinned.stderr)
  const written = JSON.parse(readFileSync(join(folder, 'waybill.lock'), 'utf8')) as {
    packages: Record<string, { unauthenticated?: true; packages: object }>
  }
  assert.is(written.packages['base-nossl-debian13']?.unauthenticated, undefined)
  // The machine's own keys, if it has any, did not sign this mirror.
  const refused = await lock()
  assert.is(refused.code, 1)
  assert.match(errorOf(refused)['code']!, /^ERR_(?:RELEASE_SIGNATURE|KEYRING_MISSING)$/)
})

test('says in the lock and on the terminal that nothing was checked', async ({ lock, folder }) => {
  const result = await lock('--allow-unauthenticated')
  assert.is(result.code, 0, result.stderr)
  assert.match(result.stderr, /not authenticated/)
  assert.match(readFileSync(join(folder, 'waybill.lock'), 'utf8'), /"unauthenticated": true/)
})

test('needs the security archive', async ({ lock, mirror }) => {
  mirror.files.delete('debian-security/dists/trixie-security/InRelease')
  const refused = await lock('--keyring', 'mine.gpg')
  assert.is(errorOf(refused)['code'], 'ERR_SECURITY_MISSING')
  const allowed = await lock('--keyring', 'mine.gpg', '--without-security')
  assert.is(allowed.code, 0, allowed.stderr)
})

test('refuses a replay of what the lock is newer than', async ({ lock, mirror, folder }) => {
  const path = 'debian/dists/trixie/InRelease'
  const dated = (date: string): void => {
    const plain = String(mirror.files.get(path)).replace(/^Date: .*\n/m, '')
    mirror.files.set(path, Buffer.from(plain.replace(/^Origin: .*\n/m, `$&Date: ${date}\n`)))
    mirror.sign(signer.clearSign)
  }
  dated('Sat, 01 Aug 2026 10:00:00 UTC')
  assert.is((await lock('--keyring', 'mine.gpg')).code, 0)
  const before = readFileSync(join(folder, 'waybill.lock'), 'utf8')
  dated('Fri, 31 Jul 2026 10:00:00 UTC')
  const refused = await lock('--keyring', 'mine.gpg')
  assert.is(errorOf(refused)['code'], 'ERR_RELEASE_STALE')
  assert.is(readFileSync(join(folder, 'waybill.lock'), 'utf8'), before)
})

test('is told clearly about files that are no keys and options that contradict', async (given) => {
  for (const [words, code, exit] of [
    [['--keyring', 'gone.gpg'], 'ERR_KEYRING_MISSING', 2],
    [['--keyring', 'waybill.yaml'], 'ERR_KEYRING_MISSING', 2],
    [['--keyring', '.'], 'ERR_KEYRING_MISSING', 2],
    [['--keyring', ''], 'ERR_USAGE', 2],
    [['--keyring', 'mine.gpg', '--allow-unauthenticated'], 'ERR_USAGE', 2],
  ] as const) {
    const result = await given.lock(...words)
    assert.is(result.code, exit, words.join(' '))
    assert.is(errorOf(result)['code'], code)
  }
})

test.run()
