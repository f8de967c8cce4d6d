// Deflate in pieces: the same bytes whatever they come in, and one stream for every reader.
import { gunzipSync, gzipSync, inflateRawSync } from 'node:zlib'
import { deflatePieces, gunzip, gunzipBytes, tarFrame, writeTar } from '@waybill/archive'
import { collect, type ByteStream } from '@waybill/core'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { rejects } from '../helpers/rejects.ts'

const test = suite('deflate in pieces')
const MEGABYTE = 1024 * 1024

function text(length: number): Buffer {
  const bytes = Buffer.alloc(length)
  for (let at = 0, state = 7; at < length; at++) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    bytes[at] = at % 3 === 0 ? state >>> 24 : 97 + (at % 7)
  }
  return bytes
}

async function joined(stream: ByteStream): Promise<Buffer> {
  const parts: Uint8Array[] = []
  for await (const { deflated } of deflatePieces(stream, { level: 1, final: true }))
    parts.push(deflated)
  return Buffer.concat(parts)
}

function cut(bytes: Uint8Array, length: (index: number) => number): Uint8Array[] {
  const parts: Uint8Array[] = []
  for (let at = 0; at < bytes.byteLength; at += parts.at(-1)!.byteLength)
    parts.push(bytes.subarray(at, at + length(parts.length)))
  return parts
}

test('gives the content back, whatever its length', async () => {
  for (const length of [0, 1, MEGABYTE - 1, MEGABYTE, MEGABYTE + 1, 7 * MEGABYTE + 3]) {
    const bytes = text(length)
    assert.is(Buffer.compare(inflateRawSync(await joined([bytes])), bytes), 0, String(length))
  }
})

test('the bytes do not depend on the pieces they come in', async () => {
  const bytes = text(5 * MEGABYTE + 17)
  const whole = await joined([bytes])
  const lengths = [() => 1000, () => 3 * MEGABYTE, (index: number) => 1 + ((index * 7919) % 65_536)]
  for (const length of lengths)
    assert.is(Buffer.compare(await joined(cut(bytes, length)), whole), 0)
})

test('each piece is a megabyte of the content, in order', async () => {
  const bytes = text(2 * MEGABYTE + 5)
  const lengths: number[] = []
  let at = 0
  for await (const piece of deflatePieces([bytes], { level: 1 })) {
    lengths.push(piece.bytes.byteLength)
    assert.is(Buffer.compare(piece.bytes, bytes.subarray(at, (at += piece.bytes.byteLength))), 0)
  }
  assert.equal(lengths, [MEGABYTE, MEGABYTE, 5])
})

test('what goes wrong while reading is told, and nothing is left waiting', async () => {
  async function* broken(): AsyncGenerator<Uint8Array> {
    yield text(3 * MEGABYTE)
    throw new Error('the disk is gone')
  }
  for (let times = 0; times < 3; times++) {
    const error = await joined(broken()).catch((thrown: unknown) => thrown)
    assert.match(String(error), 'the disk is gone')
  }
  assert.is(inflateRawSync(await joined([text(10)])).byteLength, 10)
})

test('many at once take turns and all end', async () => {
  const made = await Promise.all(
    Array.from({ length: 9 }, (_, index) => joined([text(2 * MEGABYTE + index)])),
  )
  for (const [index, one] of made.entries())
    assert.is(inflateRawSync(one).byteLength, 2 * MEGABYTE + index)
})

test('the frame of a tar archive and its content are what writeTar writes', async () => {
  for (const size of [0, 1, 511, 512, 70_000]) {
    const content = text(size)
    const folder = { path: 'usr', type: 'directory' } as const
    const file = { path: `usr/${'x'.repeat(120)}`, type: 'file', size, mtime: 42 } as const
    const { head, tail } = tarFrame([folder, file])
    const whole = await collect(writeTar([folder, { ...file, content }]), 1e6, 'tar')
    assert.is(Buffer.compare(Buffer.concat([head, content, tail]), whole), 0, String(size))
  }
})

test('gzip that is at hand reads as a stream of it does, and fails with the same words', async () => {
  const plain = text(300_000)
  const one = gzipSync(plain)
  const change = (at: number, value: number): Buffer => {
    const bytes = Buffer.from(one)
    bytes[at < 0 ? bytes.length + at : at]! ^= value
    return bytes
  }
  const cases: Readonly<Record<string, Uint8Array>> = {
    one,
    empty: gzipSync(Buffer.alloc(0)),
    several: Buffer.concat([one, gzipSync(text(5))]),
    trailing: Buffer.concat([one, Buffer.from('more')]),
    zeros: Buffer.concat([one, Buffer.alloc(512)]),
    truncated: one.subarray(0, -9),
    nothing: Buffer.alloc(0),
    'no gzip': text(64),
    'wrong checksum': change(-8, 1),
    'a length too small': change(-3, 4),
    'a length too large': change(-2, 8),
    'a length beyond all': change(-1, 0xff),
    'a flipped bit': change(1000, 16),
    'a reserved flag': change(3, 0x80),
  }
  for (const [name, bytes] of Object.entries(cases)) {
    const ended = (stream: ByteStream): Promise<string> =>
      collect(stream, 1e9, name).then(
        (content) => `${content.byteLength} ${Buffer.from(content).toString('base64')}`,
        (error: unknown) => String(error),
      )
    assert.is(await ended(gunzipBytes(bytes)), await ended(gunzip([bytes])), name)
  }
  assert.is(Buffer.compare(await collect(gunzipBytes(one), 1e9, 'one'), gunzipSync(one)), 0)
  await rejects(collect(gunzipBytes(cases['trailing']!), 1e9, 'x'), 'ERR_INVALID_GZIP')
})

test.run()
