// What every Target promises, held against each of them: memory, a layout on disk, a repository of a registry.
import { join } from 'node:path'
import { canonicalJson, collect, describe, type Descriptor } from '@waybill/core'
import { createMemory, mediaTypes, openLayout, type Target } from '@waybill/oci'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { rejects } from '../helpers/rejects.ts'
import { temporaryFolder } from '../helpers/temporary.ts'

const targets: Readonly<Record<string, () => Promise<Target>>> = {
  memory: async () => createMemory(),
  layout: () => openLayout(join(temporaryFolder('layout'), 'new'), { create: true }),
}

const once = (bytes: Uint8Array) =>
  async function* (): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < bytes.byteLength; at += 1000) yield bytes.subarray(at, at + 1000)
  }

const blob = Buffer.alloc(10_000, 'layer')
const layer = describe(mediaTypes.layer, blob)

async function* broken(): AsyncGenerator<Uint8Array> {
  yield blob.subarray(0, 100)
  throw new Error('gone')
}

/** A manifest of `layer`, told apart by a text. */
function manifestOf(text: string): { readonly bytes: Buffer; readonly descriptor: Descriptor } {
  const bytes = Buffer.from(
    canonicalJson({
      schemaVersion: 2,
      mediaType: mediaTypes.manifest,
      config: { ...layer, mediaType: mediaTypes.config },
      layers: [layer],
      annotations: { text },
    }),
  )
  return { bytes, descriptor: describe(mediaTypes.manifest, bytes) }
}

const { bytes: manifestBytes, descriptor: manifest } = manifestOf('one')

const plain = ({ mediaType, digest, size }: Descriptor): Descriptor => ({ mediaType, digest, size })

for (const [name, open] of Object.entries(targets)) {
  const test = suite(`target: ${name}`)

  const filled = async (): Promise<Target> => {
    const target = await open()
    await target.push(layer, once(blob))
    await target.push(manifest, once(manifestBytes))
    return target
  }

  test('gives back what was pushed', async () => {
    const target = await open()
    assert.is(await target.exists(layer), false)
    await target.push(layer, once(blob))
    assert.is(await target.exists(layer), true)
    assert.equal(Buffer.from(await collect(target.fetch(layer), 1e6, name)), blob)
  })

  test('resolves tags and digests', async () => {
    const target = await filled()
    await target.tag(manifest, '1.2.3')
    assert.equal(plain(await target.resolve('1.2.3')), manifest)
    assert.equal(plain(await target.resolve(manifest.digest)), manifest)
  })

  test('moves a tag', async () => {
    const target = await filled()
    const other = manifestOf('two')
    await target.push(other.descriptor, once(other.bytes))
    await target.tag(manifest, 'latest')
    await target.tag(other.descriptor, 'latest')
    assert.is((await target.resolve('latest')).digest, other.descriptor.digest)
    assert.ok(await target.exists(manifest))
  })

  test('takes the same content again, and several at once', async () => {
    const target = await open()
    await Promise.all([1, 2, 3].map(() => target.push(layer, once(blob))))
    await target.push(layer, once(blob))
    assert.is((await collect(target.fetch(layer), 1e6, name)).byteLength, blob.byteLength)
  })

  test('sets many tags at once and loses none', async () => {
    const target = await filled()
    const tags = Array.from({ length: 8 }, (_, index) => `t${index}`)
    await Promise.all(tags.map((tag) => target.tag(manifest, tag)))
    for (const tag of tags) assert.is((await target.resolve(tag)).digest, manifest.digest)
  })

  test('refuses content that is not what its descriptor says, and keeps nothing of it', async () => {
    const target = await open()
    const wrong = Buffer.from(blob)
    wrong[5000]! ^= 1
    for (const bytes of [wrong, blob.subarray(1), Buffer.concat([blob, blob])]) {
      await rejects(target.push(layer, once(bytes)), 'ERR_DIGEST_MISMATCH')
      assert.is(await target.exists(layer), false)
    }
    await target.push(layer, once(blob))
  })

  test('keeps nothing of a stream that breaks off', async () => {
    const target = await open()
    await target.push(layer, broken).then(
      () => assert.unreachable('expected the stream to fail'),
      () => {},
    )
    assert.is(await target.exists(layer), false)
  })

  test('says what is missing', async () => {
    const target = await open()
    await rejects(() => target.resolve('1.2.3'), 'ERR_NOT_FOUND')
    await rejects(() => target.tag(manifest, '1.2.3'), 'ERR_CONTENT_MISSING')
    await rejects(() => collect(target.fetch(layer), 1e6, name), 'ERR_CONTENT_MISSING')
  })

  test('refuses a name that is none', async () => {
    const target = await filled()
    await rejects(() => target.tag(manifest, ''), 'ERR_INVALID_REFERENCE')
    await rejects(() => target.tag(manifest, manifest.digest), 'ERR_INVALID_REFERENCE')
  })

  test.run()
}
