import { lstatSync, readFileSync, readdirSync, readlinkSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import type { TarInput } from '@waybill/archive'
import { extract, readFile, readImages, type Image } from '@waybill/oci'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { contentOf, file, hostileTar, program, rootfs, type TestImage } from '../helpers/images.ts'
import { rejects } from '../helpers/rejects.ts'
import { temporaryFolder } from '../helpers/temporary.ts'

const test = suite('extract, readFile')

const imageOf = async (...layers: TestImage['layers']): Promise<Image> =>
  (await readImages(await contentOf([{ platform: 'linux/amd64', layers }])))[0]!

const text = (value: string, path: string): TarInput => ({
  ...file(Buffer.from(value), path),
  mode: 0o640,
  mtime: 1_000_000_000,
})

test('writes the files as a container would see them', async () => {
  const image = await imageOf(
    [...rootfs, text('old', 'etc/a'), text('gone', 'etc/b')],
    [
      text('new', 'etc/a'),
      { path: 'etc/.wh.b', type: 'file' },
      file(program('amd64'), 'bin/hello'),
      { path: 'usr/bin/again', type: 'hardlink', linkname: 'usr/bin/hello' },
    ],
  )
  const folder = join(temporaryFolder(), 'root')
  const report = await extract(image, folder)
  assert.ok(report.ok)
  assert.equal(readdirSync(join(folder, 'etc')).toSorted(), ['a', 'os-release'])
  assert.is(readFileSync(join(folder, 'etc/a'), 'utf8'), 'new')
  assert.is(lstatSync(join(folder, 'etc/a')).mode & 0o7777, 0o640)
  assert.is(lstatSync(join(folder, 'etc/a')).mtimeMs, 1e12)
  assert.is(readlinkSync(join(folder, 'bin')), 'usr/bin')
  assert.is(lstatSync(join(folder, 'tmp')).mode & 0o7777, 0o1777)
  assert.is(
    lstatSync(join(folder, 'usr/bin/again')).ino,
    lstatSync(join(folder, 'usr/bin/hello')).ino,
  )
})

test('a folder that a later layer removes is gone with all it held, and may come again', async () => {
  const folders = ['a', 'a/b', 'c', 'c/d'].map((path): TarInput => ({ path, type: 'directory' }))
  const image = await imageOf(
    [...folders, text('1', 'a/b/1'), text('2', 'c/d/2')],
    [
      { path: '.wh.a', type: 'file' },
      { path: 'c/.wh.d', type: 'file' },
    ],
    [text('3', 'a/3')],
  )
  const folder = join(temporaryFolder(), 'root')
  await extract(image, folder)
  assert.equal(readdirSync(folder, { recursive: true }).toSorted(), ['a', 'a/3', 'c'])
})

test('a whiteout counts however its path is written', async () => {
  const gone = await hostileTar([{ path: 'etc/+/.wh.x/+', type: 'file' }])
  const image = await imageOf([text('x', 'etc/x'), text('y', 'etc/y')], gone)
  const folder = join(temporaryFolder(), 'root')
  await extract(image, folder)
  assert.equal(readdirSync(join(folder, 'etc')), ['y'])
})

test('writes nothing outside of its folder, whatever the links say', async () => {
  const outside = temporaryFolder('outside')
  const image = await imageOf(
    [
      { path: 'evil', type: 'symlink', linkname: outside },
      { path: 'up', type: 'symlink', linkname: '../../../../../../../../..' },
    ],
    [text('x', 'evil/x'), text('y', `up${outside}/y`)],
  )
  const folder = join(temporaryFolder(), 'root')
  await extract(image, folder)
  assert.equal(readdirSync(outside), [])
  assert.is(readFileSync(join(folder, outside, 'x'), 'utf8'), 'x')
})

test('refuses paths that lead out, and leaves nothing behind', async () => {
  const parent = temporaryFolder()
  const folder = join(parent, 'root')
  const image = await imageOf([text('x', 'etc/x')], await hostileTar([text('y', 'a/++/++/b')]))
  await rejects(extract(image, folder), 'ERR_INVALID_LAYER')
  assert.equal(readdirSync(parent), [])
})

test('refuses a folder that holds something', async () => {
  const folder = temporaryFolder()
  await extract(await imageOf(rootfs), join(folder, 'x'))
  await rejects(extract(await imageOf(rootfs), folder), 'ERR_NOT_EMPTY')
  assert.ok(existsSync(join(folder, 'x/etc/os-release')))
})

test('reads one file, links followed', async () => {
  const image = await imageOf(
    [...rootfs, text('a', 'etc/a')],
    [{ path: 'etc/link', type: 'symlink', linkname: '../etc/a' }, text('t', 'usr/bin/tool')],
  )
  const read = async (path: string): Promise<string> =>
    Buffer.from(await readFile(image, path)).toString()
  assert.is(await read('/etc/a'), 'a')
  assert.is(await read('/etc/link'), 'a')
  assert.is(await read('/bin/tool'), 't')
  await rejects(read('/etc/none'), 'ERR_FILE_MISSING')
  await rejects(read('/etc'), 'ERR_NOT_A_FILE')
  await rejects(readFile(image, '/etc/os-release', { limit: 3 }), 'ERR_TOO_LARGE')
})

test.run()
