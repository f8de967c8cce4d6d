import {
  copyFileSync,
  existsSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { execFileSync } from 'node:child_process'
import { basename, dirname, join } from 'node:path'
import { CACHE_LIMIT, collect, openCache, type CacheQuestion } from '@waybill/core'
import { type Source } from '@waybill/oci'
import { assemble, proveIdentity, type AssembledImage } from '@waybill/image'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { binaryArtifact, createBase, program, release } from '../helpers/images.ts'
import { rejects } from '../helpers/rejects.ts'
import { temporaryFolder } from '../helpers/temporary.ts'

const test = suite('the cache of layers')
const out = temporaryFolder('cache')
const binaries = [await binaryArtifact(out, 'linux/amd64', program('amd64'))]

const make = async (
  cache: string | undefined,
  created = release.created,
): Promise<AssembledImage> =>
  assemble({ ...release, created }, binaries, {
    base: await createBase(),
    path: '/usr/bin/hello',
    out,
    cache,
  })

const blobs = (cache: string): string[] =>
  readdirSync(join(cache, 'blobs/sha256')).map((name) => join(cache, 'blobs/sha256', name))

const records = (cache: string, folder = 'layers'): string[] =>
  readdirSync(join(cache, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.json'))
    .map((name) => join(cache, folder, name))

const readLayers = async ({ content }: AssembledImage): Promise<void> => {
  for (const { descriptor } of content.blobs) await collect(content.read(descriptor), 1e8, 'blob')
}

test('compresses nothing twice, and gives the same as without it', async () => {
  const cache = temporaryFolder()
  const first = await make(cache)
  const [blob] = blobs(cache)
  const before = statSync(blob!).ino
  const second = await make(cache)
  assert.is(second.descriptor.digest, first.descriptor.digest)
  assert.is((await make(undefined)).descriptor.digest, first.descriptor.digest)
  assert.is(statSync(blob!).ino, before)
  await readLayers(second)
})

test('forgets what was not used for long once it grew too large', async () => {
  const cache = temporaryFolder()
  await make(cache)
  const [blob] = blobs(cache)
  const old = join(cache, 'blobs/sha256/old')
  writeFileSync(old, '')
  truncateSync(old, CACHE_LIMIT)
  for (const path of [old, blob!]) utimesSync(path, 1_700_000_000, 1_700_000_000)
  // Recalled, so in use: it stays.
  await make(cache)
  await make(cache, release.created + 1)
  assert.equal(existsSync(old), false)
  assert.ok(existsSync(blob!))
})

test('tells apart what gives other bytes', async () => {
  const cache = temporaryFolder()
  await make(cache)
  await make(cache, release.created + 1)
  assert.is(blobs(cache).length, 2)
})

test('believes nothing that is damaged', async () => {
  const cache = temporaryFolder()
  const first = await make(cache)
  const [blob] = blobs(cache)
  const bytes = readFileSync(blob!)
  bytes[30]! ^= 1
  writeFileSync(blob!, bytes)
  const second = await make(cache)
  assert.is(second.descriptor.digest, first.descriptor.digest)
  await readLayers(second)
  assert.is(readFileSync(blob!)[30], bytes[30]! ^ 1, 'what is damaged is written anew')
  for (const file of [...records(cache), ...records(cache, 'facts')])
    writeFileSync(file, '{"version":1')
  assert.is((await make(cache)).descriptor.digest, first.descriptor.digest)
})

test('reads a layer of the base once, to look into it and to publish it', async () => {
  const base = await createBase()
  const fetched: string[] = []
  const counting: Source = {
    ...base.source,
    fetch: (item, options) => {
      fetched.push(item.digest)
      return base.source.fetch(item, options)
    },
  }
  const image = await assemble(release, binaries, {
    base: { ...base, source: counting },
    path: '/usr/bin/hello',
    out,
  })
  await readLayers(image)
  const [below] = image.images[0]!.layers
  assert.is(fetched.filter((digest) => digest === below!.digest).length, 1)
})

test('believes no record of another layer, signed or not: the members must be those of the recipe', async () => {
  const [cache, foreign] = [temporaryFolder(), temporaryFolder('foreign')]
  const first = await make(cache)
  const other = [await binaryArtifact(foreign, 'linux/amd64', program('amd64', 'other'))]
  const options = { base: await createBase(), path: '/usr/bin/hello' }
  await assemble(release, other, { ...options, out: foreign, cache: foreign })
  const blob = blobs(foreign)[0]!
  const [record, forged] = [records(cache)[0]!, records(foreign)[0]!]
  copyFileSync(blob, join(cache, 'blobs/sha256', basename(blob)))
  copyFileSync(forged, record)
  assert.equal((await make(cache)).descriptor, first.descriptor)
  // As somebody would who has the key: signed for this very layer, with the outputs of the other one.
  const { record: of } = JSON.parse(readFileSync(record, 'utf8')) as { record: CacheQuestion }
  const { outputs } = (JSON.parse(readFileSync(forged, 'utf8')) as { record: { outputs: object } })
    .record
  const opened = (await openCache(cache))!
  const group = basename(dirname(record))
  await opened.remember(of, outputs, group)
  assert.equal(await opened.recall(of, group), outputs)
  const image = await make(cache)
  assert.equal(image.descriptor, first.descriptor)
  await proveIdentity(image, binaries, { out })
})

test('a record that was changed, swapped, or is no file at all costs time only', async () => {
  const cache = temporaryFolder()
  const first = await make(cache)
  await make(cache, release.created + 1)
  const [one, two] = records(cache)
  for (const damage of [
    () =>
      writeFileSync(
        one!,
        readFileSync(one!, 'utf8').replace(/"diffId":"sha256:./, '"diffId":"sha256:f'),
      ),
    () => copyFileSync(two!, one!),
    () => {
      rmSync(one!)
      execFileSync('mkfifo', [one!])
    },
  ]) {
    damage()
    const image = await make(cache)
    assert.equal([image.descriptor, image.images], [first.descriptor, first.images])
    await make(cache, release.created + 1)
    rmSync(one!, { force: true })
    await make(cache)
    await make(cache, release.created + 1)
  }
  const [facts] = records(cache, 'facts')
  const text = readFileSync(facts!, 'utf8')
  writeFileSync(facts!, text.replace('"directory"', '"file"'))
  assert.not.equal(readFileSync(facts!, 'utf8'), text)
  assert.equal((await make(cache)).descriptor, first.descriptor)
})

test('does without a folder that cannot be written', async () => {
  const place = join(temporaryFolder(), 'file')
  writeFileSync(place, '')
  await readLayers(await make(join(place, 'cache')))
})

test('still refuses a binary that changed', async () => {
  const cache = temporaryFolder()
  await make(cache)
  const file = join(out, binaries[0]!.path)
  const bytes = readFileSync(file)
  writeFileSync(file, Buffer.concat([bytes.subarray(0, -1), Buffer.from('!')]))
  await rejects(make(cache), 'ERR_DIGEST_MISMATCH')
  writeFileSync(file, bytes)
})

test.run()
