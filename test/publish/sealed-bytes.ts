// What leaves is what was proved, byte for byte: whatever becomes of the content, its buffers and its files after the proof, or while it is made.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import {
  WaybillError,
  collect,
  isWaybillError,
  type Content,
  type ContentItem,
  type Descriptor,
  type Destination,
} from '@waybill/core'
import { loadContent } from '@waybill/oci'
import { proveIdentity, waiveIdentity } from '@waybill/image'
import { planPublish, publish } from '@waybill/publish'
import { destination, repository } from '@waybill/registry'
import { startRegistry, type TestRegistry, type Wrapper } from '@waybill/testkit'
import { createDestination } from '../helpers/destination.ts'
import { contentOf, file, program, rootfs, type TestImage } from '../helpers/images.ts'
import { lockFolder, release } from '../helpers/release.ts'
import { releaseHello } from '../helpers/released-hello.ts'

const test = suite('sealed bytes')
const { out, amd64, released, good } = await releaseHello()
const PATH = '/usr/bin/hello'

/** Content that is as easy to change as an object can be. */
interface Loose {
  subject: Descriptor
  manifests: ContentItem[]
  blobs: ContentItem[]
  bytes: Map<string, Buffer>
  read(descriptor: Descriptor): AsyncIterable<Uint8Array>
}

async function loosen(content: Content): Promise<Loose> {
  const bytes = new Map<string, Buffer>()
  for (const { descriptor } of [...content.blobs, ...content.manifests])
    bytes.set(descriptor.digest, Buffer.from(await collect(content.read(descriptor), 1e8, 'test')))
  const { subject, manifests, blobs } = JSON.parse(JSON.stringify(content)) as Loose
  async function* read({ digest }: Descriptor): AsyncGenerator<Uint8Array> {
    const found = bytes.get(digest)
    if (found === undefined) throw new WaybillError('ERR_CONTENT_MISSING', `${digest} is missing`)
    yield found
  }
  return { subject, manifests, blobs, bytes, read }
}

const image = (binary: Uint8Array): TestImage[] => [
  { platform: 'linux/amd64', layers: [rootfs, [file(binary)]] },
  good,
]
const EVIL = program('amd64', 'evil')
const goodImage = (): Promise<Loose> => contentOf(image(amd64)).then(loosen)
const evilImage = (): Promise<Loose> => contentOf(image(EVIL)).then(loosen)

interface Scene {
  /** What was proved. */
  readonly content: Loose
  readonly evil: Loose
  /** Set once the proof stands. */
  proved: boolean
}

/** A way to cheat: what is given to the proof, and what is done once it stands. */
interface Cheat {
  given?(scene: Scene): Content
  after?(scene: Scene): void
  /** How it must end: the proved bytes are published, or nothing is. */
  readonly ends: 'proved bytes' | 'refused'
}

const same = ({ content }: Scene): Content => content as Content

/** Bytes of a layer in place of the right ones once the proof stands. */
const reading = (lie: (right: Buffer) => AsyncIterable<Uint8Array>): Cheat => ({
  given: (scene) => ({
    ...(scene.content as Content),
    read(descriptor) {
      const right = Buffer.from(scene.content.bytes.get(descriptor.digest)!)
      return scene.proved ? lie(right) : stream(right)
    },
  }),
  ends: 'refused',
})

async function* stream(...chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks
}

async function* overwritten(right: Buffer): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < right.byteLength; at += 100) {
    const chunk = Buffer.from(right.subarray(at, at + 100))
    yield chunk
    chunk.fill(0)
  }
}

async function* endless(right: Buffer): AsyncGenerator<Uint8Array> {
  for (;;) yield right
}

const flipped = (right: Buffer): Buffer => {
  const wrong = Buffer.from(right)
  wrong[wrong.byteLength >> 1]! ^= 1
  return wrong
}

/** The image's own object at first, the other one's from the given access on. */
const turning = (scene: Scene, from: number): Content => {
  let count = 0
  return new Proxy(scene.content, {
    get: (_target, key) =>
      Reflect.get(scene.proved || ++count > from ? scene.evil : scene.content, key) as unknown,
  }) as unknown as Content
}

const cheats: Readonly<Record<string, Cheat>> = {
  nothing: { ends: 'proved bytes' },
  'the subject is replaced': {
    after: ({ content, evil }) => Object.assign(content, evil),
    ends: 'proved bytes',
  },
  'the digest of the subject is changed in place': {
    after: ({ content, evil }) => Object.assign(content.subject, evil.subject),
    ends: 'proved bytes',
  },
  'the manifests are replaced in place': {
    after: ({ content, evil }) => content.manifests.splice(0, 9, ...evil.manifests),
    ends: 'proved bytes',
  },
  'a manifest is added as the last one': {
    after: ({ content, evil }) => content.manifests.push(evil.manifests.at(-1)!),
    ends: 'proved bytes',
  },
  'the descriptor of a blob is changed in place': {
    after: ({ content, evil }) =>
      Object.assign(content.blobs[1]!.descriptor, evil.blobs[1]!.descriptor),
    ends: 'proved bytes',
  },
  'read is replaced': {
    after: ({ content, evil }) =>
      Object.assign(content, { read: () => stream([...evil.bytes.values()][0]!) }),
    ends: 'proved bytes',
  },
  'a subject that turns once it is proved': {
    given: (scene) =>
      Object.defineProperty({ ...scene.content }, 'subject', {
        get: () => (scene.proved ? scene.evil : scene.content).subject,
      }) as Content,
    ends: 'proved bytes',
  },
  'a proxy that turns once it is proved': {
    given: (scene) => turning(scene, Infinity),
    ends: 'proved bytes',
  },
  'a proxy that turns while it is proved: after the subject': {
    given: (scene) => turning(scene, 2),
    ends: 'refused',
  },
  'all buffers are overwritten': {
    after: ({ content }) => content.bytes.forEach((one) => one.fill(0)),
    ends: 'refused',
  },
  'one bit of the last blob is flipped': {
    after({ content }) {
      const { digest } = content.blobs.at(-1)!.descriptor
      content.bytes.set(digest, flipped(content.bytes.get(digest)!))
    },
    ends: 'refused',
  },
  'the bytes of another image under the same digests': {
    after({ content, evil }) {
      for (const list of ['blobs', 'manifests'] as const)
        for (const [index, { descriptor }] of content[list].entries())
          content.bytes.set(
            descriptor.digest,
            evil.bytes.get(evil[list][index]!.descriptor.digest)!,
          )
    },
    ends: 'refused',
  },
  'read lies: a flipped bit': reading((right) => stream(flipped(right))),
  'read lies: shorter': reading((right) => stream(right.subarray(0, -1))),
  'read lies: longer': reading((right) => stream(right, Buffer.from('!'))),
  'read lies: nothing': reading(() => stream()),
  'read lies: without end': reading(endless),
  'read lies: the right bytes, another order': reading((right) =>
    stream(right.subarray(100), right.subarray(0, 100)),
  ),
  'what was handed out is overwritten while it waits to be sent': {
    ...reading(overwritten),
    ends: 'proved bytes',
  },
}

interface Place {
  readonly at: Destination
  /** What stands under a name, every byte below it. */
  bytes(name: string): Promise<Map<string, Uint8Array> | undefined>
}

/** A registry that takes whatever it is sent, as it comes. */
function trusting(): Place {
  const at = createDestination('registry.example/hello')
  return {
    at,
    bytes: async (name) => (at.tags.has(name) ? at.content : undefined),
  }
}

const chunksOnly: Wrapper = (next) => async (request) =>
  request.method === 'PUT' &&
  request.path.includes('/uploads/') &&
  request.headers['content-length'] !== '0'
    ? { status: 413 }
    : next(request)

const registries: TestRegistry[] = []
test.after(async () => {
  for (const one of registries) await one.close()
})
let count = 0

async function atRegistry(wrap?: Wrapper): Promise<Place> {
  const registry = await startRegistry(wrap === undefined ? {} : { wrap })
  registries.push(registry)
  const name = `${registry.address}/acme/hello-${++count}`
  return {
    at: destination(name),
    async bytes(tag) {
      const place = repository(name)
      const found = await place.resolve(tag).catch(() => undefined)
      if (found === undefined) return undefined
      return new Map(
        Object.entries(Object.fromEntries((await loosen(await loadContent(place, found))).bytes)),
      )
    },
  }
}

const places: Readonly<Record<string, () => Place | Promise<Place>>> = {
  'a registry that checks nothing': trusting,
  'a registry': () => atRegistry(),
  'a registry that wants chunks': () => atRegistry(chunksOnly),
}

const proofs = {
  proved: (content: Content) => proveIdentity(content, released, { out, path: PATH }),
  waived: (content: Content) => Promise.resolve(waiveIdentity(content, { reason: 'a test' })),
}

for (const [how, prove] of Object.entries(proofs))
  for (const [where, place] of Object.entries(places))
    for (const [name, cheat] of Object.entries(cheats))
      test(`${how}, to ${where}: ${name}`, async () => {
        const scene: Scene = { content: await goodImage(), evil: await evilImage(), proved: false }
        const wanted = structuredClone(scene.content.subject)
        const whole = new Map([...scene.content.bytes].map(([key, one]) => [key, Buffer.from(one)]))
        const { at, bytes } = await place()
        const work = async (): Promise<string | undefined> => {
          const content = await prove((cheat.given ?? same)(scene))
          const plan = await planPublish(release('1.0.0'), content, { to: { at } })
          cheat.after?.(scene)
          scene.proved = true
          const receipt = await publish(plan, {
            content,
            to: { at },
            lockFolder,
            justPlanned: true,
          })
          return receipt.subject
        }
        const ended = await work().catch((error: unknown) => error)
        const standing = await bytes('1.0.0')
        if (cheat.ends === 'refused' && ended !== wanted.digest) {
          assert.ok(isWaybillError(ended), String(ended))
          assert.match(
            ended.code,
            /^ERR_(DIGEST_MISMATCH|NOT_IDENTICAL|CONTENT_MISSING|UNREADABLE)$/,
          )
          if (ended.code === 'ERR_DIGEST_MISMATCH')
            assert.match(ended.message, /expected .*sha256:[0-9a-f]{64}/)
          assert.is(standing, undefined)
          return
        }
        assert.is(ended, cheat.ends === 'refused' ? 'an error' : wanted.digest)
        for (const [digest, right] of whole)
          assert.ok(Buffer.from(standing!.get(digest)!).equals(right), digest)
      })

test.run()
