// The digest contract: for each recipe version the same input gives these digests, on every Node line and machine.
// A change here is a new recipe version (LAYER_RECIPE), never a new number for an old one.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { constants, crc32, deflateRawSync, gunzipSync } from 'node:zlib'
import { GZIP_HEADER, writeTar } from '@waybill/archive'
import { collect, digestOf, type Artifact } from '@waybill/core'
import { assemble, type AssembledImage, type AssembledPlatform } from '@waybill/image'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createBase, program, release } from '../helpers/images.ts'
import { temporaryFolder } from '../helpers/temporary.ts'

const test = suite('digests')
const out = temporaryFolder('golden')

/** Bytes that compress like a program's: words that come again, tables, and stretches that look random. */
function body(size: number): Buffer {
  const bytes = Buffer.alloc(size)
  let state = 42
  for (let at = 0; at < size; at++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    const kind = (at >> 12) % 4
    bytes[at] =
      kind === 0
        ? state >>> 24
        : kind === 1
          ? at & 0xf0
          : kind === 2
            ? 97 + ((state >>> 28) % 5)
            : 0
  }
  return bytes
}

async function artifactOf(platform: string, size: number): Promise<Artifact> {
  const bytes = Buffer.concat([program(platform.split('/')[1]!), body(size)])
  const path = `${platform.replace('/', '-')}-${size}`
  await writeFile(join(out, path), bytes)
  return {
    kind: 'binary',
    name: path,
    path,
    digest: digestOf(bytes),
    size: bytes.byteLength,
    platform,
  }
}

async function make(size: number, base: 'scratch' | 'base'): Promise<AssembledImage> {
  const binaries = await Promise.all(
    ['linux/amd64', 'linux/arm64'].map((platform) => artifactOf(platform, size)),
  )
  return assemble(release, binaries, {
    base: base === 'scratch' ? base : await createBase(),
    path: '/usr/local/bin/hello',
    out,
    config: { user: '65532', exposedPorts: ['3000'], env: { A: 'ü' }, labels: { b: '"' } },
  })
}

const last = ({ layers }: AssembledPlatform) => layers.at(-1)!

test('recipe 3: a small program upon nothing', async () => {
  const { descriptor, images } = await make(0, 'scratch')
  assert.equal(
    [descriptor.digest, ...images.map((image) => last(image).digest)],
    [
      'sha256:ebc6449fb1acafe49ae5638d14ced15f17975e844ac76d1f2a7762f44ab27b1a',
      'sha256:82779cd9aed9b51a8f7bfe27b8bb28c3eff8648228c7a0bead40b75837de6b9c',
      'sha256:6cafc302a643930be9c87a207d8de7a696f7fe3a83483417563f839e09cdaf76',
    ],
  )
})

test('recipe 3: three megabytes upon a base', async () => {
  const { descriptor, images } = await make(3_000_000, 'base')
  assert.equal(
    [descriptor.digest, ...images.map((image) => last(image).digest)],
    [
      'sha256:d75e588bef5d2cc124da53a28623680220b0241d948914f62e1cc9d3c7966a7d',
      'sha256:befc33d2a852706517cd0d0ebdacb56d5b4e61cb2788ff597a74fbba0aface50',
      'sha256:7442069b77e0519699538581dd7635b71758563ec2522db240e87f9cd7147970',
    ],
  )
})

const MEGABYTE = 1024 * 1024

// As docs/api.image.md says it: what is before the content, each megabyte of it, what is after it, and an empty end.
function packed(tar: Uint8Array, size: number): Uint8Array {
  const [start, end] = [512, 512 + size]
  const cuts = [0, start]
  for (let at = start + MEGABYTE; at < end; at += MEGABYTE) cuts.push(at)
  cuts.push(end, tar.byteLength)
  const effort = { level: 2, windowBits: 14, memLevel: 9 }
  const finishFlush = constants.Z_SYNC_FLUSH
  const pieces = cuts
    .slice(1)
    .map((cut, index) => deflateRawSync(tar.subarray(cuts[index], cut), { ...effort, finishFlush }))
  return Buffer.concat([...pieces, deflateRawSync(new Uint8Array(0), effort)])
}

test('a layer is what raw deflate of the recipe makes of the tar, piece by piece, however large', async () => {
  for (const size of [1_000_000, 34 * 1024 * 1024]) {
    const artifact = await artifactOf('linux/amd64', size)
    const content = Buffer.concat([program('amd64'), body(size)])
    const file = { path: 'x', type: 'file', mode: 0o755, mtime: release.created } as const
    const tar = await collect(
      writeTar([{ ...file, size: content.byteLength, content }]),
      1e9,
      'tar',
    )
    const trailer = Buffer.alloc(8)
    trailer.writeUInt32LE(crc32(tar), 0)
    trailer.writeUInt32LE(tar.byteLength, 4)
    const gzip = Buffer.concat([GZIP_HEADER, packed(tar, content.byteLength), trailer])
    assert.equal(Buffer.compare(gunzipSync(gzip), tar), 0)
    const made = await assemble(release, [artifact], { base: 'scratch', path: '/x', out })
    assert.is(last(made.images[0]!).digest, digestOf(gzip), String(size))
    assert.is(last(made.images[0]!).diffId, digestOf(tar))
  }
})

test.run()
