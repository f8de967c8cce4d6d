import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { makeFolder, writeFileAtomic } from '@waybill/core'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { rejects } from '../helpers/rejects.ts'
import { temporaryFolder } from '../helpers/temporary.ts'

const test = suite('files')

async function codeOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'none',
    (error: NodeJS.ErrnoException) => error.code ?? 'none',
  )
}

test('makeFolder makes every folder on the way, and takes one that is there', async () => {
  const path = join(temporaryFolder(), 'a', 'b', 'c')
  await Promise.all([makeFolder(path), makeFolder(path)])
  assert.ok(statSync(path).isDirectory())
})

test('a new .waybill says that nothing in it belongs into a commit; one that is there, or cannot be used, is left as it was', async () => {
  const folder = temporaryFolder()
  await makeFolder(join(folder, '.waybill', 'journal'))
  assert.is(readFileSync(join(folder, '.waybill', '.gitignore'), 'utf8'), '*\n')
  const own = temporaryFolder()
  mkdirSync(join(own, '.waybill'))
  await makeFolder(join(own, '.waybill', 'journal'))
  assert.equal(readdirSync(join(own, '.waybill')), ['journal'])
  const failed = join(temporaryFolder(), 'new')
  await codeOf(writeFileAtomic(join(failed, '.waybill', 'x'.repeat(300)), 'text'))
  assert.not.ok(existsSync(failed))
})

test('makeFolder fails where a file stands in its way', async () => {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'file'), '')
  assert.is(await codeOf(makeFolder(join(folder, 'file'))), 'EEXIST')
  assert.is(await codeOf(makeFolder(join(folder, 'file', 'below'))), 'ENOTDIR')
})

if (process.platform === 'linux') {
  test('makeFolder ends where nothing can ever be made', async () => {
    assert.is(await codeOf(makeFolder('/proc/waybill/a')), 'ENOENT')
  })
}

test('writeFileAtomic writes the mode that was asked for, and leaves nothing else', async () => {
  const folder = join(temporaryFolder(), 'new')
  await writeFileAtomic(join(folder, 'file'), 'text', { mode: 0o600 })
  assert.is(statSync(join(folder, 'file')).mode & 0o777, 0o600)
  mkdirSync(join(folder, 'taken'))
  assert.is.not(await codeOf(writeFileAtomic(join(folder, 'taken'), 'text')), 'none')
  assert.equal(readdirSync(folder).toSorted(), ['file', 'taken'])
})

async function* readingOf(path: string): AsyncGenerator<Uint8Array> {
  yield readFileSync(path)
}

test('writeFileAtomic says why a place cannot be written to, and passes on what its content failed of', async () => {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'file'), '')
  mkdirSync(join(folder, 'taken'))
  for (const [path, why] of [
    [join(folder, 'file/below'), 'a part of its path is a file'],
    [join(folder, 'file/deep/below'), 'a part of its path is a file'],
    [join(folder, 'taken'), 'a folder is in its place'],
  ] as const) {
    const error = await rejects(writeFileAtomic(path, 'text'), 'ERR_NOT_WRITABLE')
    assert.match(error.message, `${path} cannot be written: ${why}`)
  }
  const content = readingOf(join(folder, 'nowhere'))
  assert.is(await codeOf(writeFileAtomic(join(folder, 'new'), content)), 'ENOENT')
})

async function* broken(): AsyncGenerator<Uint8Array> {
  yield Buffer.from('half')
  throw new Error('cut short')
}

test('a write that fails takes the folders away that it made, and no others', async () => {
  const folder = temporaryFolder()
  mkdirSync(join(folder, 'there'))
  for (const path of ['new/er/file', 'there/new/file'])
    await writeFileAtomic(join(folder, path), broken()).catch(() => {})
  assert.equal(readdirSync(folder, { recursive: true }), ['there'])
  const both = [writeFileAtomic(join(folder, 'a/b/bad'), broken()).catch(() => {})]
  for (let count = 0; count < 50; count++)
    both.push(writeFileAtomic(join(folder, `a/b/good-${count}`), 'x'))
  await Promise.all(both)
  assert.is(readdirSync(join(folder, 'a/b')).length, 50)
})

test.run()
