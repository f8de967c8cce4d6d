// Images that were tampered with, or made to harm: whatever comes, it ends, with an error of ours or without, and no file lands outside of
// its folder. WAYBILL_FULL=1: 200,000 inputs; otherwise a sample of them.
import { mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { gzip, writeTar, type TarInput } from '@waybill/archive'
import {
  canonicalJson,
  collect,
  describe,
  digestOf,
  isWaybillError,
  type Content,
} from '@waybill/core'
import {
  createMemory,
  extract,
  findFile,
  loadContent,
  mediaTypes,
  parseImageConfig,
  parseIndex,
  parseManifest,
  readImages,
  type Image,
} from '@waybill/oci'
import { checkIdentity, drift, readDockerArchive } from '@waybill/image'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { contentOf, file, hostileTar, program, rootfs } from '../helpers/images.ts'
import { temporaryFolder } from '../helpers/temporary.ts'

const test = suite('tampering')
const TOTAL = process.env['WAYBILL_FULL'] === '1' ? 200_000 : 4_000

let state = 20_261_121
const random = (below: number): number => {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
  return Math.floor((state / 2 ** 32) * below)
}
const pick = <Item>(items: readonly Item[]): Item => items[random(items.length)]!

/** Runs work that may fail in our own way, and in no other. */
async function survives(what: string, work: () => unknown): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (!isWaybillError(error)) throw new Error(what, { cause: error })
  }
}

const WORDS = [
  'null',
  '-1',
  '1e999',
  '"',
  '{}',
  '[]',
  'true',
  '"sha256:"',
  '9007199254740993',
  '\\u0000',
]

/** Bytes with a few of them flipped, cut out, doubled or replaced by something that JSON readers dislike. */
function mutate(bytes: Uint8Array): Buffer {
  let mutated = Buffer.from(bytes)
  for (let count = 1 + random(3); count > 0; count--) {
    const at = random(mutated.byteLength)
    const end = at + random(32)
    const kind = random(4)
    if (kind === 0) mutated[at]! ^= 1 << random(8)
    else if (kind === 1) mutated = Buffer.concat([mutated.subarray(0, at), mutated.subarray(end)])
    else if (kind === 2) mutated = Buffer.concat([mutated.subarray(0, end), mutated.subarray(at)])
    else
      mutated = Buffer.concat([
        mutated.subarray(0, at),
        Buffer.from(pick(WORDS)),
        mutated.subarray(end),
      ])
  }
  return mutated
}

const NAMES = [
  'a',
  'b',
  'usr',
  'bin',
  'hello',
  '.wh.a',
  '.wh..wh..opq',
  '.wh.hello',
  '.wh.',
  '.wh..wh.x',
  '++',
  '++',
]
const LINKS = [
  '..',
  '../..',
  '/',
  '/a',
  'a',
  'b/a',
  '../../../../../..',
  '/usr/bin',
  'hello',
  '',
  '.',
  'a/../b',
]
const path = (): string => Array.from({ length: 1 + random(4) }, () => pick(NAMES)).join('/')

/** A layer of members that lead to each other, hide each other and stand in each other's way. */
const hostileLayer = (): readonly TarInput[] =>
  Array.from({ length: 1 + random(8) }, (): TarInput => {
    const type = pick(['file', 'directory', 'symlink', 'hardlink'] as const)
    if (type === 'file') return file(Buffer.from(pick(NAMES)), path())
    if (type === 'directory') return { path: path(), type }
    return { path: path(), type, linkname: pick(LINKS) || 'a' }
  })

async function* one(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

/** An image of layers given as tar archives, right in every digest. */
async function imageOf(tars: readonly Uint8Array[]): Promise<{ image: Image; content: Content }> {
  const target = createMemory()
  const push = async (mediaType: string, bytes: Uint8Array) => {
    const descriptor = describe(mediaType, bytes)
    await target.push(descriptor, () => one(bytes))
    return descriptor
  }
  const config = {
    os: 'linux',
    architecture: 'amd64',
    config: { Entrypoint: ['/usr/bin/hello'] },
    rootfs: { type: 'layers', diff_ids: tars.map((tar) => digestOf(tar)) },
  }
  const manifest = {
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    config: await push(mediaTypes.config, Buffer.from(canonicalJson(config))),
    layers: await Promise.all(tars.map((tar) => push(mediaTypes.layer, tar))),
  }
  const subject = await push(mediaTypes.manifest, Buffer.from(canonicalJson(manifest)))
  const content = await loadContent(target, subject)
  return { image: (await readImages(content))[0]!, content }
}

const tarOf = (entries: readonly TarInput[]): Promise<Uint8Array> =>
  collect(writeTar(entries), 1e8, 'tar')

function doc(path: string, value: unknown): TarInput {
  const content = Buffer.from(JSON.stringify(value))
  return { path, type: 'file', size: content.byteLength, content }
}

test('reads tampered manifests, indexes and configurations', async () => {
  const content = await contentOf([
    { platform: 'linux/amd64', layers: [rootfs], config: { Env: ['A=1'], Labels: { a: 'b' } } },
  ])
  const documents = await Promise.all(
    [...content.manifests, ...content.blobs]
      .filter(({ descriptor }) => descriptor.mediaType.endsWith('json'))
      .map(({ descriptor }) => collect(content.read(descriptor), 1e6, 'document')),
  )
  const parsers = [parseManifest, parseIndex, parseImageConfig]
  for (let count = 0; count < TOTAL * 0.7; count++) {
    const bytes = mutate(pick(documents))
    await survives('document', () => pick(parsers)(bytes, 'document'))
  }
})

test('reads images whose content is not what its digest says', async () => {
  const content = await contentOf([
    { platform: 'linux/amd64', layers: [rootfs, [file(program('amd64'))]] },
  ])
  const all = [...content.manifests, ...content.blobs].map(({ descriptor }) => descriptor)
  for (let count = 0; count < TOTAL * 0.05; count++) {
    const target = pick(all)
    const bytes = mutate(await collect(content.read(target), 1e6, 'item'))
    const read: Content['read'] = (descriptor) =>
      descriptor.digest === target.digest ? one(bytes) : content.read(descriptor)
    await survives('image', () =>
      checkIdentity({ ...content, read }, [], { path: '/usr/bin/hello' }),
    )
  }
})

test('reads layers with right digests and wrong tar headers, plain and compressed', async () => {
  const tar = await tarOf([...rootfs, file(Buffer.from('hello'))])
  const packed = await collect(gzip([tar], { level: 1 }), 1e6, 'gzip')
  for (let count = 0; count < TOTAL * 0.1; count++) {
    const { image } = await imageOf([mutate(pick([tar, packed]))])
    await survives('layer', () => findFile(image, '/bin/hello', async () => {}))
  }
})

test('finds files among hostile layers, and compares them', async () => {
  for (let count = 0; count < TOTAL * 0.1; count++) {
    const tars = await Promise.all([
      hostileTar(hostileLayer()),
      hostileTar(hostileLayer()),
      hostileTar(hostileLayer()),
    ])
    const [one, other] = [await imageOf(tars), await imageOf(tars.toReversed())]
    await survives('find', () => findFile(one.image, `/${path()}`, async () => {}))
    if (count % 4 === 0) await survives('drift', () => drift(one.content, other.content))
  }
})

test('extracts hostile layers into their folder and nowhere else', async () => {
  const root = temporaryFolder('hostile')
  mkdirSync(join(root, 'deep/er'), { recursive: true })
  for (let count = 0; count < Math.min(TOTAL * 0.02, 2000); count++) {
    const { image } = await imageOf([
      await hostileTar(hostileLayer()),
      await hostileTar(hostileLayer()),
    ])
    await survives('extract', () => extract(image, join(root, 'deep/er', String(count))))
    assert.equal(readdirSync(root), ['deep'])
    assert.equal(readdirSync(join(root, 'deep')), ['er'])
  }
  const left = readdirSync(join(root, 'deep/er'))
  assert.ok(
    left.every((name) => /^\d+$/.test(name)),
    'no temporary folder is left',
  )
})

test('reads tampered docker archives', async () => {
  const tar = await tarOf([file(Buffer.from('x'))])
  const archive = await tarOf([
    { path: 'l/layer.tar', type: 'file', size: tar.byteLength, content: tar },
    doc('c.json', {
      os: 'linux',
      architecture: 'amd64',
      rootfs: { type: 'layers', diff_ids: [digestOf(tar)] },
    }),
    doc('manifest.json', [{ Config: 'c.json', RepoTags: null, Layers: ['l/layer.tar'] }]),
  ])
  await readDockerArchive(one(archive), createMemory())
  for (let count = 0; count < TOTAL * 0.03; count++)
    await survives('archive', () => readDockerArchive(one(mutate(archive)), createMemory()))
})

test.run()
