import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { comparePaths, sortEntries, writeTar, type TarInput } from '@waybill/archive'
import { digestOf } from '@waybill/core'
import { rejects } from '../helpers/rejects.ts'
import { temporaryFolder } from '../helpers/temporary.ts'
import { bytesOf } from '../helpers/bytes.ts'

const test = suite('writeTar')
const long = 'd/'.repeat(60) + 'f'.repeat(99)
const longer = 'x'.repeat(180)

const entries: readonly TarInput[] = [
  { path: 'bin', type: 'directory' },
  { path: 'bin/hello', type: 'file', mode: 0o755, content: Buffer.from('hello\n') },
  { path: 'bin/hi', type: 'symlink', linkname: 'hello' },
  { path: 'bin/hallo', type: 'hardlink', linkname: 'bin/hello' },
  { path: long, type: 'file', content: Buffer.alloc(512, 1) },
  { path: longer, type: 'file', uid: 65_532, gid: 3_000_000, mtime: 1_700_000_000 },
  { path: 'ő', type: 'symlink', linkname: longer },
]

test('gives the same bytes for the same entries, frozen here', async () => {
  const tar = await bytesOf(writeTar(entries))
  assert.is(tar.byteLength % 512, 0)
  assert.is(
    digestOf(tar),
    'sha256:fb868c1cb6131e2bfa42b9acdd14cb331ed8c723ccb047d373c8f165989116aa',
  )
})

test('ends with two zero blocks and nothing more', async () => {
  const tar = await bytesOf(writeTar([]))
  assert.equal(tar, Buffer.alloc(1024))
})

test('is read by GNU tar as it was meant', async () => {
  const folder = temporaryFolder('tar')
  mkdirSync(join(folder, 'out'))
  writeFileSync(join(folder, 'a.tar'), await bytesOf(writeTar(entries)))
  const list = execFileSync('tar', ['--numeric-owner', '-tvf', 'a.tar'], {
    cwd: folder,
    env: { PATH: process.env['PATH'], TZ: 'UTC', LC_ALL: 'C.UTF-8' },
    encoding: 'utf8',
  })
  const lines = list.trimEnd().split('\n')
  assert.match(lines[0]!, /^drwxr-xr-x 0\/0 +0 1970-01-01 00:00 bin\/$/)
  assert.match(lines[1]!, /^-rwxr-xr-x 0\/0 +6 1970-01-01 00:00 bin\/hello$/)
  assert.match(lines[2]!, /^lrwxrwxrwx .* bin\/hi -> hello$/)
  assert.match(lines[3]!, /^h.* bin\/hallo link to bin\/hello$/)
  assert.ok(lines[4]!.endsWith(long))
  assert.match(lines[5]!, /^-rw-r--r-- 65532\/3000000 +0 2023-11-14 22:13 x+$/)
  assert.ok(lines[6]!.endsWith(` -> ${longer}`))
})

test('uses a pax header only where ustar cannot say it', async () => {
  const plain = await bytesOf(writeTar(entries.slice(0, 5)))
  assert.not.ok(plain.includes('PaxHeader'))
  const pax = await bytesOf(writeTar(entries.slice(5, 6)))
  assert.ok(pax.includes(`190 path=${longer}\n`))
  assert.ok(pax.includes('15 gid=3000000\n'))
  assert.not.ok(pax.includes('uid='))
  assert.not.ok(/[ac]time=|creationtime/.test(pax.toString('latin1').replaceAll('mtime', '')))
})

test('writes the size of a file over 8 GiB as pax', async () => {
  const stop = new Error('enough')
  const content = function* (): Generator<Uint8Array> {
    yield Buffer.from('')
    throw stop
  }
  const chunks: Uint8Array[] = []
  try {
    for await (const chunk of writeTar([{ path: 'big', type: 'file', size: 2 ** 33, content }]))
      chunks.push(chunk)
  } catch (error) {
    assert.is(error, stop)
  }
  assert.ok(Buffer.concat(chunks).includes('19 size=8589934592\n'))
})

test('refuses content that is not as long as it was said to be', async () => {
  const entry = { path: 'a', type: 'file', content: [Buffer.from('abc')] } as const
  await rejects(bytesOf(writeTar([{ ...entry, size: 2 }])), 'ERR_WRONG_SIZE')
  await rejects(bytesOf(writeTar([{ ...entry, size: 4 }])), 'ERR_WRONG_SIZE')
})

test('refuses paths that leave the archive and links that say nothing', async () => {
  for (const path of ['', '/a', 'a/', './a', 'a/../b', 'a//b', 'a\0b'])
    await rejects(bytesOf(writeTar([{ path, type: 'file' }])), 'ERR_INVALID_ENTRY')
  await rejects(bytesOf(writeTar([{ path: 'a', type: 'symlink' }])), 'ERR_INVALID_ENTRY')
  await rejects(bytesOf(writeTar([{ path: 'a', type: 'file', uid: -1 }])), 'ERR_INVALID_ENTRY')
  await rejects(bytesOf(writeTar([{ path: 'a', type: 'file', mtime: 0.5 }])), 'ERR_INVALID_ENTRY')
})

test('refuses a path given twice, which docker would not load', async () => {
  const twice = ['a', 'b', 'a'].map((path) => ({ path, type: 'directory' }) as const)
  await rejects(bytesOf(writeTar(twice)), 'ERR_INVALID_ENTRY')
})

test('sorts by bytes', () => {
  const paths = ['b', 'a/b', 'a', 'a-b', 'Z', '\u{ffee}', '\u{10000}', 'é']
  const sorted = sortEntries(paths.map((path) => ({ path }))).map(({ path }) => path)
  assert.equal(sorted, ['Z', 'a', 'a-b', 'a/b', 'b', 'é', '\u{ffee}', '\u{10000}'])
  assert.is(comparePaths('a', 'a'), 0)
})

test.run()
