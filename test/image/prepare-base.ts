// What is read of a base, how often, and what a folder remembers of it.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import type { Descriptor } from '@waybill/core'
import { type Base } from '@waybill/oci'
import { assemble, describeBinaries, prepareBase } from '@waybill/image'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { binaryArtifact, createBase, program, release } from '../helpers/images.ts'
import { openFiles } from '../helpers/open-files.ts'
import { rejects } from '../helpers/rejects.ts'
import { temporaryFolder } from '../helpers/temporary.ts'

const test = suite('prepareBase')
const out = temporaryFolder('prepare')
const binaries = [await binaryArtifact(out, 'linux/amd64', program('amd64'))]
const platforms = [{ os: 'linux', architecture: 'amd64' }]
const path = '/usr/bin/hello'

/** A base that says what is fetched of it; `origin` makes it one of a registry. */
async function counted(origin?: string): Promise<{ base: Base; fetched: string[] }> {
  const base = await createBase()
  const fetched: string[] = []
  const source: Base['source'] = {
    ...base.source,
    ...(origin === undefined ? {} : { origin }),
    fetch: (item: Descriptor, options) => {
      fetched.push(item.digest)
      return base.source.fetch(item, options)
    },
  }
  return { base: { ...base, source }, fetched }
}

test('what was prepared is not read again by assembling', async () => {
  const { base, fetched } = await counted()
  const prepared = await prepareBase(base, { platforms })
  const image = await assemble(release, binaries, { base: prepared, path, out })
  assert.equal(fetched.length, new Set(fetched).size)
  const direct = await assemble(release, binaries, { base: await createBase(), path, out })
  assert.is(image.descriptor.digest, direct.descriptor.digest)
})

test('a base that is still looked up is waited for, and its failure is told', async () => {
  const coming = createBase()
  const image = await assemble(release, binaries, { base: coming, path, out })
  const direct = await assemble(release, binaries, { base: await coming, path, out })
  assert.is(image.descriptor.digest, direct.descriptor.digest)
  const failed = Promise.reject(new Error('no such base'))
  const error = await assemble(release, binaries, { base: failed, path, out }).catch(String)
  assert.match(error as string, 'no such base')
})

test('a base that fails leaves no file open, however large the binary', async () => {
  if (process.platform !== 'linux') return
  const large = Buffer.concat([program('arm64'), Buffer.alloc(33 * 1024 * 1024)])
  const arm = [await binaryArtifact(out, 'linux/arm64', large, 'large')]
  const failed = Promise.reject(new Error('no such base'))
  await assemble(release, arm, { base: failed, path, out }).catch(String)
  await setTimeout(50)
  assert.equal(
    openFiles('self').filter((target) => target.endsWith('/large')),
    [],
  )
})

test('one prepared for other platforms is read for those that are needed', async () => {
  const prepared = await prepareBase(await createBase(), { platforms })
  const arm = [await binaryArtifact(out, 'linux/arm64', program('arm64'))]
  const image = await assemble(release, arm, { base: prepared, path, out })
  assert.match(image.images[0]!.platform, 'arm64')
})

test('manifests and configurations of a registry are remembered, by their digest alone', async () => {
  const cache = temporaryFolder('remembered')
  const first = await counted('registry.example/base')
  await prepareBase(first.base, { platforms, cache })
  const again = await counted('registry.example/base')
  const prepared = await prepareBase(again.base, { platforms, cache })
  const small = (prepared as { images: readonly { manifest: { config: Descriptor } }[] }).images
  assert.not.ok(again.fetched.includes(small[0]!.manifest.config.digest))
  const folder = join(cache, 'blobs/sha256')
  for (const name of readdirSync(folder)) {
    const bytes = readFileSync(join(folder, name))
    bytes[0]! ^= 1
    writeFileSync(join(folder, name), bytes)
  }
  const damaged = await counted('registry.example/base')
  await prepareBase(damaged.base, { platforms, cache })
  assert.ok(damaged.fetched.includes(small[0]!.manifest.config.digest))
})

test('a binary that was described is put into the image as it was read, whatever becomes of the file', async () => {
  const file = join(out, binaries[0]!.path)
  const bytes = readFileSync(file)
  const [described] = await describeBinaries({ 'linux/amd64': file }, { out })
  assert.is(described!.digest, binaries[0]!.digest)
  const options = { base: 'scratch', path, out } as const
  const before = await assemble(release, [described!], options)
  writeFileSync(file, '')
  try {
    const after = await assemble(release, [described!], options)
    assert.is(after.descriptor.digest, before.descriptor.digest)
    const likeIt = { ...described! }
    writeFileSync(file, program('amd64', 'another'))
    await rejects(assemble(release, [likeIt], options), 'ERR_DIGEST_MISMATCH')
  } finally {
    writeFileSync(file, bytes)
  }
})

test.run()
