// Nothing of the released files is passed over in silence: links, archives in archives, formats that are not read, members that come twice.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { hasZstd, writeTar, writeZip, zstd, type TarInput } from '@waybill/archive'
import { collect, type Report } from '@waybill/core'
import { checkIdentity, findArtifacts } from '@waybill/image'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { file, hostileTar } from '../helpers/images.ts'
import { EVIL, GOOD, PATH } from '../helpers/judged.ts'
import { codes, imageOf, PLAIN } from '../helpers/started.ts'
import { temporaryFolder } from '../helpers/temporary.ts'

const test = suite('members of released files')
const content = await imageOf(PLAIN)
const tarOf = async (entries: readonly TarInput[]): Promise<Buffer> =>
  Buffer.from(await collect(writeTar(entries), 1e8, 'tar'))
const packed = async (entries: readonly TarInput[]): Promise<Buffer> =>
  gzipSync(await tarOf(entries))
const own = file(GOOD, 'hello-1.0/hello')
const link = (
  path: string,
  linkname: string,
  type: 'symlink' | 'hardlink' = 'symlink',
): TarInput => ({
  path,
  type,
  linkname,
})

const zst = async (bytes: Buffer): Promise<Uint8Array> => collect(zstd([bytes]), 1e8, 'program')

let count = 0
async function check(
  files: Readonly<Record<string, Uint8Array>>,
  { path = PATH, strict = false } = {},
): Promise<Report> {
  const folder = join(temporaryFolder('members'), String(++count))
  mkdirSync(folder)
  for (const [name, bytes] of Object.entries(files)) writeFileSync(join(folder, name), bytes)
  const { artifacts } = await findArtifacts(folder)
  return checkIdentity(content, artifacts, { out: folder, path, strict })
}

test('a link counts as the file of the archive that it leads to', async () => {
  const links: readonly TarInput[][] = [
    [own, link('hello', 'hello-1.0/hello')],
    [own, link('hello', './hello-1.0/hello', 'hardlink')],
    [own, link('bin/hello', '../hello-1.0/hello')],
    [own, link('a', 'b'), link('b', 'hello-1.0/hello')],
    [own, link('latest', 'hello-1.0')],
  ]
  for (const entries of links)
    assert.is(codes(await check({ 'hello.tar.gz': await packed(entries) }, { strict: true })), '')
  // Two programs: the link's name decides, as a file's would.
  const two = await packed([file(GOOD, 'x/one'), file(EVIL, 'x/two'), link('hello', 'x/one')])
  assert.is(codes(await check({ 'hello.tar.gz': two }, { strict: true })), '')
  const evil = await packed([file(GOOD, 'x/one'), file(EVIL, 'x/two'), link('hello', 'x/two')])
  assert.is(codes(await check({ 'hello.tar.gz': evil })), 'other-artifact')
})

test('a link that leads out of the archive, a pipe and an archive within are told of', async () => {
  const nested = await packed([file(EVIL, 'hello')])
  const odd: Readonly<Record<string, TarInput>> = {
    away: link('hello', '/usr/bin/hello'),
    up: link('hello', '../../hello'),
    lost: link('hello', 'nowhere'),
    itself: link('hello', 'hello'),
    'tar.gz': file(nested, 'inner.tar.gz'),
    tar: file(await tarOf([file(EVIL)]), 'inner'),
    zip: file(
      await collect(writeZip([file(EVIL, 'hello')], { level: 6 }), 1e8, 'zip'),
      'inner.zip',
    ),
    zst: file(Buffer.from('28b52ffd2000', 'hex'), 'inner.zst'),
    'a program in gzip': file(gzipSync(EVIL), 'hello.gz'),
    xz: file(Buffer.from('fd377a585a000004', 'hex'), 'x.xz'),
    deb: file(Buffer.from('!<arch>\ndebian-binary'), 'x.deb'),
    rpm: file(Buffer.from('edabeedb0300', 'hex'), 'x.rpm'),
  }
  for (const [name, entry] of Object.entries(odd)) {
    const bytes = await packed([own, entry])
    assert.is(codes(await check({ 'hello.tar.gz': bytes })), 'not-compared?', name)
    assert.is(codes(await check({ 'hello.tar.gz': bytes }, { strict: true })), 'not-compared', name)
  }
  const page = await packed([
    own,
    file(gzipSync('.TH hello 1'), 'hello.1.gz'),
    file(Buffer.from('MIT'), 'LICENSE'),
  ])
  assert.is(codes(await check({ 'hello.tar.gz': page }, { strict: true })), '')
})

test('a member that comes twice is an error, by whatever spelling and mode', async () => {
  const pairs: readonly (readonly TarInput[])[] = [
    [own, { ...file(EVIL, 'hello-1.0/hello'), mode: 0o644 }],
    [{ ...file(EVIL, 'hello-1.0/hello'), mode: 0o644 }, own],
    [own, file(GOOD, 'hello-1.0/hello')],
    [own, file(EVIL, 'hello-1.0/+/hello')],
    [own, link('hello-1.0/hello', 'other')],
  ]
  for (const entries of pairs) {
    const bytes = gzipSync(await hostileTar(entries))
    const report = await check({ 'hello.tar.gz': bytes }).catch((error: Error) => error)
    if ('findings' in report) assert.ok(codes(report).includes('member-twice'), codes(report))
    else assert.match(report.message, 'Several released executables')
  }
})

test('one program, compressed, is compared; what is compressed otherwise is told of', async () => {
  assert.is(codes(await check({ 'hello.gz': gzipSync(GOOD) }, { strict: true })), '')
  assert.is(codes(await check({ 'hello.gz': gzipSync(EVIL) })), 'not-identical')
  if (hasZstd()) {
    assert.is(codes(await check({ 'hello.zst': await zst(GOOD) }, { strict: true })), '')
    assert.is(codes(await check({ 'hello.zst': await zst(EVIL) })), 'not-identical')
  }
  const beside = { 'hello.tar.gz': await packed([own]) }
  const told: Readonly<Record<string, Uint8Array>> = {
    'notes.gz': gzipSync('a text'),
    'hello.deb': Buffer.from('!<arch>\ndebian-binary'.padEnd(600)),
    'hello.rpm': Buffer.concat([Buffer.from('edabeedb', 'hex'), Buffer.alloc(600)]),
    'hello.7z': Buffer.from('377abcaf271c0004', 'hex'),
  }
  for (const [name, bytes] of Object.entries(told)) {
    const files = { ...beside, [name]: bytes }
    assert.is(codes(await check(files)), 'not-compared?', name)
    assert.is(codes(await check(files, { strict: true })), 'not-compared', name)
  }
  const whole = await packed([own])
  const refused: Readonly<Record<string, Uint8Array>> = {
    'hello.tar.xz': Buffer.from('fd377a585a000004', 'hex'),
    'hello.tar.bz2': Buffer.from('425a6839314159', 'hex'),
    'cut.tar.gz': whole.subarray(0, whole.byteLength - 40),
    'bad.zip': Buffer.concat([Buffer.from('504b0304', 'hex'), Buffer.alloc(600)]),
  }
  for (const [name, bytes] of Object.entries(refused))
    assert.is(codes(await check({ ...beside, [name]: bytes })), 'unreadable-archive', name)
})

test.run()
