import { existsSync, mkdirSync, statSync, truncateSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { CACHE_LIMIT, markUsed, pruneFolder } from '@waybill/core'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { temporaryFolder } from '../helpers/temporary.ts'

const test = suite('pruneFolder')
const HOUR = 3600

/** Files of 100 bytes, by name, that were used so many hours after 2023-11-14. */
function folderWith(hours: Readonly<Record<string, number>>): string {
  const folder = temporaryFolder('cache')
  mkdirSync(join(folder, 'below'))
  for (const [name, hour] of Object.entries(hours)) {
    writeFileSync(join(folder, name), 'x'.repeat(100))
    utimesSync(join(folder, name), 1_700_000_000, 1_700_000_000 + hour * HOUR)
  }
  return folder
}

const left = (folder: string, names: readonly string[]): string[] =>
  names.filter((name) => existsSync(join(folder, name)))

test('removes the longest unused first, and no more than it must', async () => {
  const folder = folderWith({ new: 9, old: 1, 'below/older': 0, middle: 5 })
  const names = ['new', 'middle', 'old', 'below/older']
  await pruneFolder(folder, 400)
  assert.equal(left(folder, names), names)
  await pruneFolder(folder, 250)
  assert.equal(left(folder, names), ['new', 'middle'])
})

test('keeps what was used within an hour of the latest, however much it is', async () => {
  const folder = folderWith({ a: 9, b: 8.5, c: 8.2, d: 7 })
  await pruneFolder(folder, 100)
  assert.equal(left(folder, ['a', 'b', 'c', 'd']), ['a', 'b', 'c'])
})

test('what is marked as used stays', async () => {
  const folder = folderWith({ a: 9, b: 8, c: 0 })
  await markUsed(join(folder, 'c'))
  await pruneFolder(folder, 100)
  assert.equal(left(folder, ['a', 'b', 'c']), ['c'])
})

test('marking what was used a short while ago writes nothing', async () => {
  const file = join(temporaryFolder('cache'), 'a')
  await markUsed(file)
  writeFileSync(file, '')
  const { ctimeMs } = statSync(file)
  await markUsed(file)
  assert.is(statSync(file).ctimeMs, ctimeMs)
})

test('takes a folder that is not there, and several at the same time', async () => {
  await pruneFolder(join(temporaryFolder(), 'nowhere'), 0)
  const folder = folderWith({ a: 9, b: 2, c: 1, d: 0 })
  truncateSync(join(folder, 'd'), CACHE_LIMIT)
  utimesSync(join(folder, 'd'), 1_700_000_000, 1_700_000_000)
  await Promise.all([1, 2, 3].map(() => pruneFolder(folder)))
  assert.equal(left(folder, ['a', 'b', 'c', 'd']), ['a', 'b', 'c'])
})

test.run()
