import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { formatChecksums, parseChecksums } from '@waybill/archive'
import { digestOf } from '@waybill/core'
import { rejects } from '../helpers/rejects.ts'

const test = suite('checksums')
const files = ['b.zip', 'a.tar.gz'].map((name) => ({ name, digest: digestOf(name) }))

test('are sorted and read back', () => {
  const text = formatChecksums(files)
  assert.match(text, /^[0-9a-f]{64} {2}a\.tar\.gz\n[0-9a-f]{64} {2}b\.zip\n$/)
  assert.equal(parseChecksums(text, 'SHA256SUMS'), files.toReversed())
  assert.equal(
    parseChecksums(text.replaceAll('  ', ' *').replaceAll('\n', '\r\n'), 'S'),
    files.toReversed(),
  )
})

test('name the line that is none', async () => {
  const error = await rejects(
    () => parseChecksums(`${formatChecksums(files)}x  y\n`, 'SUMS'),
    'ERR_INVALID_CHECKSUMS',
  )
  assert.match(error.message, /^SUMS:3: /)
})

test.run()
