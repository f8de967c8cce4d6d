// The digest contract: for each recipe version the same input gives these digests, on every Node line and machine.
// A change here is a new recipe version (LAYER_RECIPE), never a new number for an old one.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { crc32, deflateRawSync } from 'node:zlib'
import { GZIP_HEADER, writeTar } from '@waybill/archive'
import { collect, digestOf, type Artifact } from '@waybill/core'
import { assemble, type AssembledImage, type AssembledPlatform } from '@waybill/oci'
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

test('recipe 1: a small program upon nothing', async () => {
  const { descriptor, images } = await make(0, 'scratch')
  assert.equal(
    [descriptor.digest, ...images.map((image) => last(image).digest)],
    [
      'sha256:096a39c70c2f06dbe07a0a8e40100f7da98c4ac1f15e4ca752b3d5ec49e09808',
      'sha256:7db6e6c4d31df29ab65a368a469365fcb92d216f2d7cd3f9bad4f9c8628ba1c8',
      'sha256:fffabec1eca7f398175e00cf5373afe5f3487fe272ca2f7f41b5accdf624a097',
    ],
  )
})

test('recipe 1: three megabytes upon a base', async () => {
  const { descriptor, images } = await make(3_000_000, 'base')
  assert.equal(
    [descriptor.digest, ...images.map((image) => last(image).digest)],
    [
      'sha256:af6a26a3edffb592dd3e8d6b8406c6f8a04b6ce137f3fee7e779e63b711fb2c8',
      'sha256:d874e56b4e0d0da5c07d32c4fdf00284bc97918ba205ff19b4968efc6efa8916',
      'sha256:2a73451eb8c098eeeb9189882becd4a7a815aa07ab676c0393883482dc32ff3c',
    ],
  )
})

test('a layer is what raw deflate of level 1 makes of the tar, however large', async () => {
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
    const packed = Buffer.concat([GZIP_HEADER, deflateRawSync(tar, { level: 1 }), trailer])
    const made = await assemble(release, [artifact], { base: 'scratch', path: '/x', out })
    assert.is(last(made.images[0]!).digest, digestOf(packed), String(size))
    assert.is(last(made.images[0]!).diffId, digestOf(tar))
  }
})

test.run()
