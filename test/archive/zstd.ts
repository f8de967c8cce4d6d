import { spawnSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { hasZstd, unzstd, zstd } from '@waybill/archive'
import { bytesOf, inPieces } from '../helpers/bytes.ts'
import { testWith } from '../helpers/needs.ts'
import { nodeOf } from '../helpers/nodes.ts'
import { rejects } from '../helpers/rejects.ts'

const test = suite('zstd')

// The beginning of a frame that refers back two to the power of so many bytes.
const header = (windowLog: number): Buffer =>
  Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, (windowLog - 10) << 3])

// Blocks by hand: stored, and a byte that is repeated. RFC 8878 section 3.1.1.2.
const stored = (text: string, last = false): Buffer =>
  Buffer.concat([blockHeader(text.length, 0, last), Buffer.from(text)])
const repeated = (byte: number, times: number, last = false): Buffer =>
  Buffer.concat([blockHeader(times, 1, last), Buffer.from([byte])])

function blockHeader(size: number, type: number, last: boolean): Buffer {
  const bytes = Buffer.alloc(3)
  bytes.writeUIntLE((size << 3) | (type << 1) | Number(last), 0, 3)
  return bytes
}

test('is read on every Node, whether it has zstd or not', async () => {
  const frame = Buffer.concat([
    header(20),
    stored('abc'),
    repeated(0x78, 100_000),
    stored('end', true),
  ])
  const expected = Buffer.from(`abc${'x'.repeat(100_000)}end`)
  const skippable = Buffer.from('502a4d1803000000010203', 'hex')
  for (const size of [1, 7, 1000])
    assert.ok(
      (await bytesOf(unzstd(inPieces(Buffer.concat([frame, skippable, frame]), size)))).equals(
        Buffer.concat([expected, expected]),
      ),
    )
})

test('takes little memory for much content', async () => {
  const blocks = Array.from({ length: 2500 }, () => repeated(0, 128 * 1024))
  const frame = Buffer.concat([header(20), ...blocks, stored('', true)])
  let size = 0
  for await (const chunk of unzstd([frame])) size += chunk.byteLength
  assert.is(size, 2500 * 128 * 1024)
  assert.ok(process.resourceUsage().maxRSS < 250 * 1024, `${process.resourceUsage().maxRSS} KiB`)
})

test('is refused when it is not whole, or asks for more than 32 MB', async () => {
  const frame = Buffer.concat([header(20), stored('abc'), stored('end', true)])
  for (let at = 0; at < frame.byteLength; at++)
    await rejects(bytesOf(unzstd([frame.subarray(0, at)])), 'ERR_INVALID_ZSTD')
  await rejects(bytesOf(unzstd([frame, Buffer.from('x')])), 'ERR_INVALID_ZSTD')
  await rejects(bytesOf(unzstd([header(26), stored('abc', true)])), 'ERR_INVALID_ZSTD')
  const single = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0xa0, 0, 0, 0, 0x10])
  await rejects(bytesOf(unzstd([single, stored('abc', true)])), 'ERR_INVALID_ZSTD')
})

test('is refused when a compressed block is damaged', async () => {
  const damaged = Buffer.concat([header(20), blockHeader(20, 2, true), randomBytes(20).fill(0xff)])
  await rejects(bytesOf(unzstd([damaged])), 'ERR_INVALID_ZSTD')
})

// What zstd itself makes of a large program, at several levels, read here.
for (const level of [1, 3, 19]) {
  testWith(test, ['node-24'], `is read as zstd wrote it at level ${level}`, async () => {
    const script = `
      const { zstdCompressSync, constants: c } = require('node:zlib')
      const bytes = require('node:fs').readFileSync(process.argv[1]).subarray(0, 6_000_000)
      const params = { [c.ZSTD_c_compressionLevel]: ${level}, [c.ZSTD_c_checksumFlag]: 1 }
      process.stdout.write(require('node:crypto').createHash('sha256').update(bytes).digest('hex'))
      process.stdout.write(zstdCompressSync(bytes, { params }))`
    const made = spawnSync(nodeOf('24'), ['-e', script, process.execPath], { maxBuffer: 2 ** 28 })
    const hash = createHash('sha256')
    for await (const chunk of unzstd(inPieces(made.stdout.subarray(64), 65_536))) hash.update(chunk)
    assert.is(hash.digest('hex'), made.stdout.subarray(0, 64).toString())
  })
}

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
