import { randomBytes } from 'node:crypto'
import { gunzipSync, gzipSync } from 'node:zlib'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { gunzip, gzip } from '@waybill/archive'
import { digestOf } from '@waybill/core'
import { bytesOf, inPieces } from '../helpers/bytes.ts'
import { rejects } from '../helpers/rejects.ts'

const test = suite('gzip')
const text = Buffer.from('the same bytes everywhere\n'.repeat(20_000))
const mixed = Buffer.concat([text, randomBytes(300_000), text])

test('writes the fixed header and what gunzip reads', async () => {
  const packed = await bytesOf(gzip([text], { level: 6 }))
  assert.is(packed.subarray(0, 10).toString('hex'), '1f8b08000000000000ff')
  assert.ok(gunzipSync(packed).equals(text))
})

test('gives frozen bytes for level 1, 6 and 9', async () => {
  const digests: Record<number, string> = {}
  for (const level of [1, 6, 9]) digests[level] = digestOf(await bytesOf(gzip([text], { level })))
  assert.equal(digests, {
    1: 'sha256:5db0eb47d9d1a4e8b8517b3dbcd26a478fbce8086579808c05187ce263297bbd',
    6: 'sha256:d1a0a92dd1769dfd7755d5a7d4ac424c40e2af81dc1eca825ad14066d2fe8e66',
    9: 'sha256:d1a0a92dd1769dfd7755d5a7d4ac424c40e2af81dc1eca825ad14066d2fe8e66',
  })
})

test('does not depend on the pieces of its input', async () => {
  for (const level of [0, 1, 6, 9]) {
    const whole = await bytesOf(gzip([mixed], { level }))
    assert.ok(gunzipSync(whole).equals(mixed))
    for (const size of [1000, 65_536, 131_072, 200_001])
      assert.ok(whole.equals(await bytesOf(gzip(inPieces(mixed, size), { level }))))
  }
})

test('passes on the failure of its input', async () => {
  const stop = new Error('stop')
  const failing = function* (): Generator<Uint8Array> {
    yield text
    throw stop
  }
  try {
    await bytesOf(gzip(failing(), { level: 1 }))
    assert.unreachable()
  } catch (error) {
    assert.is(error, stop)
  }
})

test('lets go of its input when nobody reads on', async () => {
  let closed = false
  const endless = function* (): Generator<Uint8Array> {
    try {
      for (;;) yield randomBytes(100_000)
    } finally {
      closed = true
    }
  }
  let count = 0
  for await (const chunk of gzip(endless(), { level: 1 })) if (chunk && ++count > 3) break
  await new Promise(setImmediate)
  assert.ok(closed)
})

test('reads what gzip programs write, in pieces of any size', async () => {
  const named = Buffer.concat([
    Buffer.from('1f8b081e000000000003', 'hex'),
    Buffer.from([3, 0, 1, 2, 3]),
    Buffer.from('name\0comment\0'),
    Buffer.from([0, 0]),
    gzipSync(text).subarray(10),
  ])
  for (const packed of [gzipSync(mixed), gzipSync(Buffer.alloc(0))])
    for (const size of [1, 100, 65_536, packed.byteLength])
      if (packed.byteLength / size < 20_000)
        assert.ok((await bytesOf(gunzip(inPieces(packed, size)))).equals(gunzipSync(packed)))
  assert.ok((await bytesOf(gunzip([named]))).equals(text))
})

test('reads several members, wherever the pieces part them', async () => {
  const one = gzipSync(Buffer.from('one '))
  const two = gzipSync(Buffer.from('two'))
  const both = Buffer.concat([one, two, gzipSync('')])
  for (let size = 1; size <= both.byteLength; size++)
    assert.is((await bytesOf(gunzip(inPieces(both, size)))).toString(), 'one two')
})

test('refuses trailing garbage, a cut at any place and any changed byte that matters', async () => {
  const packed = gzipSync(Buffer.from('hello, hello, hello'))
  await rejects(bytesOf(gunzip([packed, Buffer.from('x')])), 'ERR_INVALID_GZIP')
  await rejects(bytesOf(gunzip([packed, Buffer.alloc(512)])), 'ERR_INVALID_GZIP')
  await rejects(bytesOf(gunzip([])), 'ERR_INVALID_GZIP')
  for (let at = 0; at < packed.byteLength; at++)
    await rejects(bytesOf(gunzip([packed.subarray(0, at)])), 'ERR_INVALID_GZIP')
  for (let at = 10; at < packed.byteLength; at++) {
    const changed = Buffer.from(packed)
    changed[at]! ^= 0x55
    await rejects(bytesOf(gunzip([changed])), 'ERR_INVALID_GZIP')
  }
})

test('stops at its limit', async () => {
  const bomb = gzipSync(Buffer.alloc(10_000_000))
  await rejects(bytesOf(gunzip([bomb], { limit: 9_999_999 })), 'ERR_TOO_LARGE')
  assert.is((await bytesOf(gunzip([bomb], { limit: 10_000_000 }))).byteLength, 10_000_000)
})

test.run()
