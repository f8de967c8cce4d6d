import { createReadStream, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import {
  gzip,
  hasZstd,
  readArchive,
  writeTar,
  writeZip,
  zstd,
  type TarInput,
} from '@waybill/archive'
import type { ByteStream } from '@waybill/core'
import { bytesOf, inPieces } from '../helpers/bytes.ts'
import { rejects } from '../helpers/rejects.ts'
import { temporaryFolder } from '../helpers/temporary.ts'

const test = suite('readArchive')
const folder = temporaryFolder('read-archive')
const entries: readonly TarInput[] = [
  { path: 'd', type: 'directory', mtime: 1_600_000_000 },
  { path: 'd/é', type: 'file', mode: 0o755, content: Buffer.from('hello '.repeat(1000)) },
  { path: 'empty', type: 'file' },
]

async function list(source: string | ByteStream): Promise<unknown[]> {
  const found: unknown[] = []
  for await (const { path, type, mode, content } of readArchive(source))
    found.push([path, type, mode, (await bytesOf(content)).byteLength])
  return found
}

const expected = [
  ['d', 'directory', 0o755, 0],
  ['d/é', 'file', 0o755, 6000],
  ['empty', 'file', 0o644, 0],
]

test('reads tar, tar.gz, zip and tar.zst from a file and from a stream', async () => {
  const archives = {
    tar: await bytesOf(writeTar(entries)),
    gz: await bytesOf(gzip(writeTar(entries), { level: 6 })),
    zip: await bytesOf(writeZip(entries, { level: 6 })),
    ...(hasZstd() ? { zst: await bytesOf(zstd(writeTar(entries))) } : {}),
  }
  for (const [name, bytes] of Object.entries(archives)) {
    const path = join(folder, `plain.${name}`)
    writeFileSync(path, bytes)
    assert.equal(await list(path), expected, name)
    assert.equal(await list(inPieces(bytes, 100)), expected, name)
    assert.equal(await list(createReadStream(path) as AsyncIterable<Uint8Array>), expected, name)
  }
})

test('refuses what is no archive', async () => {
  await rejects(list([Buffer.from('hello')]), 'ERR_UNKNOWN_ARCHIVE')
  await rejects(list([]), 'ERR_UNKNOWN_ARCHIVE')
  await rejects(list([Buffer.alloc(512, 'x')]), 'ERR_INVALID_TAR')
})

test('refuses zip files that programs read differently', async () => {
  const zip = await bytesOf(writeZip(entries, { level: 6 }))
  const local = zip.indexOf('d/é')
  const central = zip.lastIndexOf('d/é')
  const changes: [number, number][] = [
    [local, 0x65], // another name in the local header
    [central - 46 + 42, 1], // an offset into another member
    [central - 46 + 16, zip[central - 46 + 16]! ^ 1], // checksum
    [central - 46 + 24, zip[central - 46 + 24]! - 1], // size
    [central - 46 + 8, 9], // encrypted
    [central - 46 + 10, 12], // bzip2
    [zip.byteLength - 22 + 10, 9], // number of members
  ]
  for (const [at, value] of changes) {
    const changed = Buffer.from(zip)
    changed[at] = value
    await rejects(list([changed]), 'ERR_INVALID_ZIP')
  }
  for (let cut = 30; cut < zip.byteLength; cut += 7)
    await rejects(list([zip.subarray(0, cut)]), 'ERR_INVALID_ZIP')
})

test.run()
