// `inspect` against readelf, on the ELF files of this machine: a sample, or every one with WAYBILL_FULL=1.
import { mapLimit } from '@waybill/core'
import { inspect } from '@waybill/binary'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { elfFiles } from '../helpers/elf-files.ts'
import { testWith } from '../helpers/needs.ts'
import { different, readReadelf } from '../helpers/readelf.ts'

const test = suite('inspect against readelf')
const SAMPLE = 100

testWith(test, ['binutils'], 'agrees on the ELF files of this machine', async () => {
  const files = elfFiles(SAMPLE)
  assert.ok(files.length > 50, `only ${files.length} ELF files were found`)
  await mapLimit(files, 8, async (file) => {
    assert.is(different(await inspect(file), readReadelf(file)), undefined, file)
  })
  console.log(`     ${files.length} files compared`)
})

test.run()
