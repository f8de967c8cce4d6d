// `inspect` against readelf, on the ELF files of this machine: a sample, or every one with WAYBILL_FULL=1.
import { execFileSync } from 'node:child_process'
import { closeSync, lstatSync, openSync, readSync } from 'node:fs'
import { mapLimit } from '@waybill/core'
import { inspect } from '@waybill/binary'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { testWith } from '../helpers/needs.ts'
import { different, readReadelf } from '../helpers/readelf.ts'

const test = suite('inspect against readelf')
const full = process.env['WAYBILL_FULL'] === '1'
const SAMPLE = 100

function isElf(path: string): boolean {
  const stats = lstatSync(path)
  if (!stats.isFile() || stats.size < 64) return false
  const start = Buffer.alloc(4)
  const file = openSync(path, 'r')
  readSync(file, start, 0, 4, 0)
  closeSync(file)
  return start.equals(Buffer.from('\x7fELF', 'latin1'))
}

function elfFiles(): string[] {
  // Not readdir's own recursion: in Node 20 it follows links, and /usr/bin/X11 is a link to its own folder.
  const found = execFileSync('find', ['/usr/bin', '/usr/lib', '-type', 'f', '-size', '+1k'], {
    encoding: 'utf8',
    maxBuffer: 256 * 1024 * 1024,
  })
  // Spread over all of them, the same on every run.
  const files = found.split('\n').filter(Boolean).toSorted()
  if (full) return files.filter(isElf)
  const step = Math.max(1, Math.floor(files.length / 4000))
  const some = files.filter((_, index) => index % step === 0).filter(isElf)
  const every = Math.max(1, Math.floor(some.length / SAMPLE))
  return some.filter((_, index) => index % every === 0)
}

testWith(test, ['binutils'], 'agrees on the ELF files of this machine', async () => {
  const files = elfFiles()
  assert.ok(files.length > 50, `only ${files.length} ELF files were found`)
  await mapLimit(files, 8, async (file) => {
    assert.is(different(await inspect(file), readReadelf(file)), undefined, file)
  })
  console.log(`     ${files.length} files compared`)
})

test.run()
