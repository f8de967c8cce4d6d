// What engines mount over an image's files is never believed from its layers: by every way that leads a program there.
import type { TarInput } from '@waybill/archive'
import { assemble } from '@waybill/image'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createBase, file, release } from '../helpers/images.ts'
import { EVIL, GOOD, PATH, out, released } from '../helpers/judged.ts'
import { rejects } from '../helpers/rejects.ts'
import { PLAIN, base, check, codes, imageOf, link, text, type Config } from '../helpers/started.ts'
import { checkIdentity } from '@waybill/image'

const test = suite('places that engines mount over')
const PLACES = [
  '/proc/self/root/w',
  '/proc/self/cwd',
  '/proc/1/root',
  '/sys/fs',
  '/dev',
  '/dev/shm',
  '/dev/mqueue',
  '/run/secrets',
  '/var/run/secrets/kubernetes.io',
]
const FILES = ['/etc/hosts', '/etc/hostname', '/etc/resolv.conf', '/etc/mtab', '/.dockerenv']

const inLayer = (path: string): string => path.slice(1)

/** Checks an image at the path that it says itself. */
const ownPath = async (config: Config, layers: readonly (readonly TarInput[])[]): Promise<string> =>
  checkIdentity(await imageOf(config, layers), released, { out }).then(codes, (error: unknown) =>
    String((error as { code?: string }).code),
  )

const REFUSED = /^(?:ERR_NO_PATH|missing-binary|no-binary|[\w-]*missing[\w-]*)/

for (const place of PLACES) {
  const hidden = [base, [file(GOOD, inLayer(`${place}/hello`)), file(EVIL, 'w/hello')]]
  test(`${place}: as the path of the entrypoint`, async () => {
    assert.match(await ownPath({ Entrypoint: [`${place}/hello`] }, hidden), REFUSED)
  })
  test(`${place}: by a link in the place of a folder`, async () => {
    const layers = [[link('app', place)], ...hidden]
    assert.match(await ownPath({ Entrypoint: ['/app/hello'] }, layers), REFUSED)
  })
  test(`${place}: by a hard link to a link`, async () => {
    const hard: TarInput = { path: 'app2', type: 'hardlink', linkname: 'app' }
    const layers = [[link('app', place), hard], ...hidden]
    assert.match(await ownPath({ Entrypoint: ['/app2/hello'] }, layers), REFUSED)
  })
  test(`${place}: as a folder of PATH, before the proved one and alone`, async () => {
    for (const path of [`${place}:/usr/bin`, place]) {
      const config = { Entrypoint: ['hello'], Env: [`PATH=${path}`] }
      const layers = [...hidden, [file(GOOD)]]
      assert.match(await ownPath(config, layers), /^ERR_NO_PATH/)
      assert.is(codes(await check(imageOf(config, layers), { strict: true })), 'entrypoint-differs')
    }
  })
  test(`${place}: as the working directory`, async () => {
    const config = { Entrypoint: ['./hello'], WorkingDir: place }
    assert.match(await ownPath(config, hidden), /^ERR_NO_PATH/)
    const layers = [...hidden, [file(GOOD)]]
    assert.is(codes(await check(imageOf(config, layers), { strict: true })), 'entrypoint-differs')
  })
  test(`${place}: as where the loader's list is linked to`, async () => {
    const list = [link('etc/ld.so.preload', `${place}/x`), text('x', '/p.so')]
    const found = await check(imageOf(PLAIN, [base, [...list, file(GOOD)]]), { strict: true })
    assert.is(codes(found), 'preload')
  })
  test(`${place}: nothing is assembled there`, async () => {
    const to = { base: 'scratch' as const, out, path: `${place}/hello` }
    await rejects(assemble(release, released, to), 'ERR_INVALID_CONFIG')
    const linked = await createBase([{ platform: 'linux/amd64', layers: [[link('app', place)]] }])
    await rejects(
      assemble(release, released, { ...to, base: linked, path: '/app/hello', fitWaived: 'a test' }),
      'ERR_INVALID_CONFIG',
    )
  })
}

for (const path of FILES)
  test(`${path}: a program there is not the one that runs`, async () => {
    const layers = [base, [file(GOOD, inLayer(path)), file(EVIL, 'usr/bin/hosts')]]
    assert.match(await ownPath({ Entrypoint: [path] }, layers), REFUSED)
    const name = path.slice(path.lastIndexOf('/') + 1)
    const folder = path.slice(0, path.lastIndexOf('/')) || '/'
    const config = { Entrypoint: [name], Env: [`PATH=${folder}:/usr/bin`] }
    assert.match(await ownPath(config, layers), /^ERR_NO_PATH/)
  })

test("a loader's list that is a link to nothing is a doubt, and said", async () => {
  const layers = [base, [link('etc/ld.so.preload', '/nowhere'), file(GOOD)]]
  assert.is(codes(await check(imageOf(PLAIN, layers), { strict: true })), 'preload')
})

test('folders and files that bases have there raise no alarm', async () => {
  const usual: readonly TarInput[] = [
    { path: 'proc', type: 'directory' },
    { path: 'sys', type: 'directory' },
    { path: 'dev', type: 'directory' },
    text('etc/hosts', ''),
    text('etc/resolv.conf', ''),
    link('etc/mtab', '/proc/mounts'),
    link('dev/fd', '/proc/self/fd'),
  ]
  for (const config of [PLAIN, { Entrypoint: ['hello'], Env: ['PATH=/usr/bin'] }])
    assert.is(
      codes(await check(imageOf(config, [base, usual, [file(GOOD)]]), { strict: true })),
      '',
    )
})

for (const [first, second] of [
  [0o755, 0o644],
  [0o644, 0o755],
  [0o755, 0o600],
] as const)
  test(`a hard link of mode ${second.toString(8)} to a file of ${first.toString(8)}: which of two programs starts is not clear`, async () => {
    const early = { ...file(GOOD, 'usr/local/bin/hello'), mode: first }
    const hard: TarInput = {
      path: 'x',
      type: 'hardlink',
      linkname: 'usr/local/bin/hello',
      mode: second,
    }
    const config = { Entrypoint: ['hello'], Env: ['PATH=/usr/local/bin:/usr/bin'] }
    const layers = [base, [early, hard, file(EVIL, PATH.slice(1))]]
    assert.match(await ownPath(config, layers), /^ERR_NO_PATH/)
    const content = imageOf(config, layers)
    const found = await checkIdentity(await content, released, {
      out,
      path: '/usr/local/bin/hello',
      strict: true,
    })
    assert.match(codes(found), /entrypoint-differs/)
  })

test.run()
