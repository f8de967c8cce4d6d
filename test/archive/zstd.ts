import { randomBytes } from 'node:crypto'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { hasZstd, unzstd, zstd } from '@waybill/archive'
import { bytesOf, inPieces } from '../helpers/bytes.ts'
import { rejects } from '../helpers/rejects.ts'

const test = suite('zstd')

// The beginning of a frame that refers back two to the power of so many bytes.
const header = (windowLog: number): Buffer =>
  Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, (windowLog - 10) << 3])

if (hasZstd()) {
  test('is read back in pieces of any size, several frames and skippable ones too', async () => {
    const content = Buffer.concat([randomBytes(300_000), Buffer.alloc(300_000)])
    const packed = await bytesOf(zstd([content]))
    const skippable = Buffer.from('502a4d1803000000010203', 'hex')
    for (const size of [1000, 65_536, packed.byteLength])
      assert.ok((await bytesOf(unzstd(inPieces(packed, size)))).equals(content))
    const several = await bytesOf(unzstd([packed, skippable, packed]))
    assert.ok(several.equals(Buffer.concat([content, content])))
  })

  test('does not depend on the pieces of its input, and sees a changed byte', async () => {
    const content = Buffer.concat([randomBytes(300_000), Buffer.alloc(300_000, 'text ')])
    const packed = await bytesOf(zstd([content]))
    for (const size of [1000, 65_536, 200_001])
      assert.ok((await bytesOf(zstd(inPieces(content, size)))).equals(packed))
    const changed = Buffer.from(packed)
    changed[1000]! ^= 1
    await rejects(bytesOf(unzstd([changed])), 'ERR_INVALID_ZSTD')
  })

  test('is refused when it asks for more than 32 MB of memory', async () => {
    const block = Buffer.from([1 | (3 << 3), 0, 0, 0x61, 0x62, 0x63])
    assert.is((await bytesOf(unzstd([header(25), block]))).toString(), 'abc')
    await rejects(bytesOf(unzstd([header(26), block])), 'ERR_INVALID_ZSTD')
  })

  test('is refused when cut anywhere or followed by anything', async () => {
    const packed = await bytesOf(zstd([Buffer.from('hello '.repeat(100_000))]))
    for (let at = 0; at < packed.byteLength; at++)
      await rejects(bytesOf(unzstd([packed.subarray(0, at)])), 'ERR_INVALID_ZSTD')
    for (const more of ['x', 'garbage', '\0'.repeat(512)])
      await rejects(bytesOf(unzstd([packed, Buffer.from(more)])), 'ERR_INVALID_ZSTD')
  })
} else {
  test('says which Node has it', async () => {
    const error = await rejects(bytesOf(zstd([])), 'ERR_ZSTD_MISSING')
    assert.match(error.message, /22\.15/)
  })
}

test.run()
