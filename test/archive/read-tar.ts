import { execFileSync } from 'node:child_process'
import { linkSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { readTar, writeTar, type TarEntry, type TarInput } from '@waybill/archive'
import { bytesOf, inPieces } from '../helpers/bytes.ts'
import { rejects } from '../helpers/rejects.ts'
import { temporaryFolder } from '../helpers/temporary.ts'

const test = suite('readTar')

const entries: readonly TarInput[] = [
  { path: 'bin', type: 'directory', mode: 0o700, mtime: 12 },
  { path: 'bin/a', type: 'file', mode: 0o4755, uid: 1, gid: 2, content: Buffer.alloc(1500, 'a') },
  { path: 'bin/b', type: 'symlink', linkname: '../y'.repeat(60) },
  { path: 'bin/c', type: 'hardlink', linkname: 'bin/a' },
  { path: 'é'.repeat(120), type: 'file', gid: 3_000_000, mtime: -5, content: Buffer.from('z') },
]

async function list(bytes: Iterable<Uint8Array>): Promise<Record<string, unknown>[]> {
  const found: Record<string, unknown>[] = []
  for await (const { content, ...header } of readTar(bytes))
    found.push({ ...header, content: (await bytesOf(content)).toString() })
  return found
}

async function drain(bytes: Uint8Array): Promise<void> {
  for await (const entry of readTar([bytes])) void entry.path
}

test('reads back what writeTar wrote, in pieces of any size', async () => {
  const tar = await bytesOf(writeTar(entries))
  const whole = await list([tar])
  assert.equal(
    whole.map((entry) => [entry['path'], entry['type'], entry['mode'], entry['size']]),
    [
      ['bin', 'directory', 0o700, 0],
      ['bin/a', 'file', 0o4755, 1500],
      ['bin/b', 'symlink', 0o777, 0],
      ['bin/c', 'hardlink', 0o777, 0],
      ['é'.repeat(120), 'file', 0o644, 1],
    ],
  )
  assert.is(whole[2]!['linkname'], '../y'.repeat(60))
  assert.equal([whole[4]!['gid'], whole[4]!['mtime'], whole[4]!['content']], [3_000_000, -5, 'z'])
  for (const size of [1, 7, 511, 512, 513, 5000]) {
    assert.equal(await list(inPieces(tar, size)), whole)
  }
})

test('reads what GNU tar writes in each of its formats', async () => {
  const folder = temporaryFolder('tar')
  const deep = `${'directory/'.repeat(13)}${'n'.repeat(90)}`
  mkdirSync(join(folder, 'in', 'directory/'.repeat(13)), { recursive: true })
  writeFileSync(join(folder, 'in', 'a'), 'first')
  linkSync(join(folder, 'in', 'a'), join(folder, 'in', 'b'))
  symlinkSync('t'.repeat(150), join(folder, 'in', 'c'))
  writeFileSync(join(folder, 'in', deep), 'deep')
  for (const format of ['gnu', 'pax', 'oldgnu']) {
    execFileSync('tar', [`--format=${format}`, '--sort=name', '-cf', 'a.tar', '-C', 'in', '.'], {
      cwd: folder,
    })
    const tar = execFileSync('cat', ['a.tar'], { cwd: folder })
    const found = await list([tar])
    const by = (path: string): Record<string, unknown> | undefined =>
      found.find((entry) => entry['path'] === path)
    assert.is(by('.')?.['type'], 'directory', format)
    assert.is(by('./a')?.['content'], 'first', format)
    assert.is(by('./b')?.['linkname'], './a', format)
    assert.is(by('./c')?.['linkname'], 't'.repeat(150), format)
    assert.is(by(`./${deep}`)?.['content'], 'deep', format)
  }
})

test('reads base-256 numbers', async () => {
  const tar = Buffer.from(await bytesOf(writeTar([{ path: 'a', type: 'file' }])))
  tar.set([0x80, 0, 0, 0, 0, 0xff, 0xff, 0xff], 108)
  resum(tar)
  assert.is((await list([tar]))[0]!['uid'], 0xffffff)
  tar.set([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe], 136)
  resum(tar)
  assert.is((await list([tar]))[0]!['mtime'], -2)
  tar.fill(0xff, 124, 136)
  resum(tar)
  await rejects(drain(tar), 'ERR_INVALID_TAR')
  tar.fill(0x7f, 124, 136)
  tar[124] = 0x80
  resum(tar)
  await rejects(drain(tar), 'ERR_INVALID_TAR')
})

test('skips what is not read and refuses to go back', async () => {
  const tar = await bytesOf(writeTar(entries))
  const kept: TarEntry[] = []
  for await (const entry of readTar([tar])) kept.push(entry)
  assert.is(kept.length, 5)
  await rejects(bytesOf(kept[1]!.content), 'ERR_ENTRY_PASSED')
})

test('refuses a wrong checksum, cuts at every place, and data after the end', async () => {
  const tar = await bytesOf(writeTar(entries))
  const changed = Buffer.from(tar)
  changed[0]! ^= 1
  await rejects(drain(changed), 'ERR_INVALID_TAR')
  for (let at = 1; at < tar.byteLength - 1024; at += 97)
    if (at % 512 > 0) await rejects(drain(tar.subarray(0, at)), 'ERR_INVALID_TAR')
  await rejects(drain(Buffer.concat([tar, Buffer.from('x')])), 'ERR_INVALID_TAR')
  await drain(Buffer.concat([tar, Buffer.alloc(10_240)]))
})

test('refuses what programs read differently', async () => {
  const cases: [string, string][] = [
    ['S', 'sparse'],
    ['V', 'volume'],
    ['M', 'continued'],
    ['7', 'contiguous'],
  ]
  for (const [flag, name] of cases) {
    const tar = Buffer.from(await bytesOf(writeTar([{ path: name, type: 'file' }])))
    tar[156] = flag.charCodeAt(0)
    resum(tar)
    await rejects(drain(tar), 'ERR_INVALID_TAR')
  }
  for (const records of ['12 path=abc\n', '12 size=010\n', '99 a=b\n', '6 a=b\n6 a=c\n', 'x'])
    await rejects(drain(await withPax(records, 'g')), 'ERR_INVALID_TAR')
  for (const records of ['11 size=-1\n', '24 GNU.sparse.major=1\n', '7 a=b\n', '13 path=a\0c\n'])
    await rejects(drain(await withPax(records, 'x')), 'ERR_INVALID_TAR')
  for (const records of ['13 pat\0h=abc\n', '13 uname=a\0c\n', '13 gname=a\0c\n'])
    for (const flag of ['x', 'g'])
      await rejects(drain(await withPax(records, flag)), 'ERR_INVALID_TAR')
  await drain(await withPax('15 comment=a\0c\n', 'x'))
  await drain(await withPax('17 comment=abcde\n', 'g'))
})

const record = (text: string): string => {
  const length = text.length + 4
  return `${length > 99 ? length + 1 : length} ${text}\n`
}

test('refuses attributes that engines obey: a folder shows what lies elsewhere, a file is another', async () => {
  const overlay = [
    'redirect',
    'opaque',
    'metacopy',
    'origin',
    'upper',
    'whiteout',
    'overlay.opaque',
  ]
  const names = [
    ...overlay.flatMap((name) => [`trusted.overlay.${name}`, `user.overlay.${name}`]),
    'user.fuseoverlayfs.opaque',
    'user.containers.override_stat',
  ]
  for (const name of names)
    await rejects(drain(await withPax(record(`SCHILY.xattr.${name}=/opt`), 'x')), 'ERR_INVALID_TAR')
  for (const name of ['user.comment', 'security.capability', 'user.overlays'])
    await drain(await withPax(record(`SCHILY.xattr.${name}=abcd`), 'x'))
  await rejects(drain(await withPax(record('GNU.sparse.name=abc'), 'g')), 'ERR_INVALID_TAR')
})

test('does not collect a huge extension header', async () => {
  const tar = Buffer.from(await bytesOf(writeTar([{ path: 'a', type: 'file' }])))
  tar[156] = 'L'.charCodeAt(0)
  tar.write('77777777777\0', 124)
  resum(tar)
  await rejects(drain(tar), 'ERR_INVALID_TAR')
})

async function withPax(records: string, flag: string): Promise<Buffer> {
  const content = Buffer.from(records)
  const tar = await bytesOf(
    writeTar([
      { path: 'pax', type: 'file', content },
      { path: 'a', type: 'file' },
    ]),
  )
  tar[156] = flag.charCodeAt(0)
  resum(tar)
  return tar
}

function resum(tar: Buffer): void {
  tar.fill(' ', 148, 156)
  const sum = tar.subarray(0, 512).reduce((total, byte) => total + byte, 0)
  tar.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
}

test.run()
