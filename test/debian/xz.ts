import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { unxz } from '@waybill/debian'
import { bytesOf, inPieces } from '../helpers/bytes.ts'
import { xz } from '../helpers/debian-mirror.ts'
import { rejects } from '../helpers/rejects.ts'

const test = suite('unxz')
const content = Buffer.from('the same in pieces\n'.repeat(1000))
const packed = xz(content)

test('reads pieces of any size', async () => {
  const sizes = [1, 1000, 65_536, packed.byteLength]
  for (const size of sizes)
    assert.ok((await bytesOf(unxz(inPieces(packed, size), 'x'))).equals(content), `${size}`)
})

test('refuses what is cut anywhere, changed or followed by anything', async () => {
  const small = xz(Buffer.from('small'))
  for (let at = 0; at < small.byteLength; at++)
    await rejects(bytesOf(unxz([small.subarray(0, at)], 'x')), 'ERR_INVALID_XZ')
  for (let at = 0; at < small.byteLength; at++) {
    const changed = Buffer.from(small)
    changed[at]! ^= 0x11
    await rejects(bytesOf(unxz([changed], 'x')), 'ERR_INVALID_XZ')
  }
  await rejects(bytesOf(unxz([small, Buffer.from('more')], 'x')), 'ERR_INVALID_XZ')
})

test('passes on the failure of its input', async () => {
  const stop = new Error('stop')
  const failing = function* (): Generator<Uint8Array> {
    yield packed.subarray(0, 1000)
    throw stop
  }
  try {
    await bytesOf(unxz(failing(), 'x'))
    assert.unreachable()
  } catch (error) {
    assert.is(error, stop)
  }
})

test.run()
