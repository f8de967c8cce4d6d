// Files that are changed between the proof and the sending: what is published is what was compared.
import { appendFileSync, readFileSync, truncateSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { archive } from '@waybill/archive'
import { digestOf, type Artifact, type Content, type ProvenImage } from '@waybill/core'
import { githubRelease } from '@waybill/forge'
import { loadContent, openLayout, writeLayout, type Layout } from '@waybill/oci'
import { proveIdentity, waiveIdentity } from '@waybill/image'
import { planPublish, publish, releasedFiles } from '@waybill/publish'
import { startForge, type TestForge } from '@waybill/testkit'
import { createDestination } from '../helpers/destination.ts'
import { releasesOf, TOKEN } from '../helpers/forge.ts'
import {
  binaryArtifact,
  contentOf,
  file,
  program,
  release as imageRelease,
  rootfs,
  type TestImage,
} from '../helpers/images.ts'
import { rejects } from '../helpers/rejects.ts'
import { commitOf, lockFolder, release } from '../helpers/release.ts'
import { temporaryFolder } from '../helpers/temporary.ts'

const test = suite('sealed files')
const PATH = '/usr/bin/hello'
const GOOD = program('amd64', 'good')

const image = (binary: Uint8Array): TestImage[] => [
  { platform: 'linux/amd64', layers: [rootfs, [file(binary)]] },
]

interface OnDisk {
  readonly layout: Layout
  readonly content: Content
  readonly out: string
  readonly released: readonly Artifact[]
}

async function onDisk(): Promise<OnDisk> {
  const folder = join(temporaryFolder('sealed'), 'layout')
  await writeLayout(await contentOf(image(GOOD)), folder)
  const layout = await openLayout(folder)
  const content = await loadContent(layout, await layout.resolve(''))
  return { layout, content, ...(await releasedGood()) }
}

async function releasedGood(): Promise<Pick<OnDisk, 'out' | 'released'>> {
  const out = temporaryFolder('released')
  const binary = await binaryArtifact(out, 'linux/amd64', GOOD)
  return { out, released: await archive(imageRelease, [binary], { formats: ['tar.gz'], out }) }
}

const blobOf = ({ layout }: OnDisk, digest: string): string =>
  join(layout.folder, 'blobs', ...digest.split(':'))

/** Ways to change a file. */
const changes: Readonly<Record<string, (path: string) => void>> = {
  'a flipped bit': (path) => {
    const bytes = readFileSync(path)
    bytes[bytes.byteLength >> 1]! ^= 1
    writeFileSync(path, bytes)
  },
  'the last byte': (path) => {
    const bytes = readFileSync(path)
    bytes[bytes.byteLength - 1]! ^= 1
    writeFileSync(path, bytes)
  },
  longer: (path) => appendFileSync(path, 'x'),
  shorter: (path) => truncateSync(path, readFileSync(path).byteLength - 1),
  empty: (path) => truncateSync(path, 0),
  gone: (path) => unlinkSync(path),
}

const parts: Readonly<Record<string, (content: Content) => string>> = {
  'the layer': ({ blobs }) =>
    blobs.find(({ descriptor }) => descriptor.mediaType.includes('layer'))!.descriptor.digest,
  'the configuration': ({ blobs }) =>
    blobs.find(({ descriptor }) => descriptor.mediaType.includes('config'))!.descriptor.digest,
  'the manifest': ({ manifests }) => manifests[0]!.descriptor.digest,
  'the index': ({ subject }) => subject.digest,
}

for (const [what, digestIn] of Object.entries(parts))
  for (const [how, change] of Object.entries(changes))
    test(`a layout, ${what} changed after the proof: ${how}`, async () => {
      const place = await onDisk()
      const { content, out, released } = place
      const path = blobOf(place, digestIn(content))
      const hub = createDestination('registry.example/hello')
      const proven = await proveIdentity(content, released, { out, path: PATH })
      const plan = await planPublish(release('1.0.0'), proven, { to: { hub } })
      change(path)
      const work = publish(plan, { content: proven, to: { hub }, lockFolder })
      const error = await rejects(
        work,
        how === 'gone' ? 'ERR_CONTENT_MISSING' : 'ERR_DIGEST_MISMATCH',
      )
      assert.match(error.message, digestIn(content))
      if (how !== 'gone') assert.match(error.message, path)
      assert.equal([...hub.tags], [])
    })

test('a layout that is changed while it is sent: nothing gets a name', async () => {
  for (const digestIn of Object.values(parts)) {
    const place = await onDisk()
    const hub = createDestination('registry.example/hello')
    const proven = waiveIdentity(place.content, { reason: 'a test' })
    const plan = await planPublish(release('1.0.0'), proven, { to: { hub } })
    // All of it was looked at once more by now.
    hub.watch = {
      before({ method }) {
        if (method === 'put') changes['a flipped bit']!(blobOf(place, digestIn(place.content)))
      },
    }
    await rejects(
      publish(plan, { content: proven, to: { hub }, lockFolder }),
      'ERR_DIGEST_MISMATCH',
    )
    assert.equal([...hub.tags], [])
  }
})

/** A page at a forge with one large archive and a small file, beside an image. */
async function page(): Promise<{
  readonly forge: TestForge
  readonly out: string
  readonly files: readonly Artifact[]
  publish(content?: ProvenImage): Promise<unknown>
}> {
  const forge = await startForge()
  const out = temporaryFolder('dist')
  const files = [400_000, 40].map((size, index): Artifact => {
    const bytes = Buffer.alloc(size, `file ${index}`)
    const name = `scim-${index}.tar.gz`
    writeFileSync(join(out, name), bytes)
    return { kind: 'archive', name, path: name, digest: digestOf(bytes), size }
  })
  const of = release('1.0.0', commitOf('x'))
  const made = githubRelease('acme/scim', {
    release: of,
    files,
    out,
    token: TOKEN,
    api: forge.api,
    env: {},
  })
  const publishIt = async (content = releasedFiles(files)): Promise<unknown> => {
    const to = { page: made }
    const plan = await planPublish(of, content, { to })
    return publish(plan, { content, to, lockFolder })
  }
  return { forge, out, files, publish: publishIt }
}

for (const index of [0, 1])
  for (const [how, change] of Object.entries(changes))
    test(`a released file that is swapped before it is uploaded, ${['large', 'small'][index]}: ${how}`, async () => {
      const { forge, out, files, publish: run } = await page()
      try {
        change(join(out, files[index]!.path))
        const error = await rejects(
          run(),
          how === 'gone' ? 'ERR_FILE_MISSING' : 'ERR_DIGEST_MISMATCH',
        )
        assert.match(error.message, files[index]!.name)
        if (how !== 'gone') assert.match(error.message, files[index]!.digest)
        const [draft] = releasesOf(forge)
        const found = (draft?.assets ?? []).map(({ name }) => name)
        assert.not.ok(found.includes(files[index]!.name), String(found))
        assert.is(draft?.draft ?? true, true)
      } finally {
        await forge.close()
      }
    })

test('an archive at the forge that is not the one the image was compared with', async () => {
  const { forge, files, publish: run } = await page()
  const other = files.map((one) => ({ ...one, digest: digestOf('another') }))
  const error = await rejects(run(releasedFiles(other)), 'ERR_DIGEST_MISMATCH')
  assert.match(error.message, /scim-0\.tar\.gz: expected sha256:.*found sha256:/)
  assert.equal(releasesOf(forge), [])
  await forge.close()
})

test('a plan that is changed while it is carried out', async () => {
  const hub = createDestination('registry.example/hello')
  const proven = waiveIdentity(await contentOf(image(GOOD)), { reason: 'a test' })
  const plan = structuredClone(await planPublish(release('1.0.0'), proven, { to: { hub } }))
  const change = (): void => {
    const [own] = Object.values(plan.destinations) as unknown as {
      rolling: string[]
      immutable: string[]
    }[]
    own!.immutable.push('9.9.9')
    own!.rolling.push('edge')
  }
  hub.watch = { before: ({ method }) => (method === 'put' ? change() : undefined) }
  await publish(plan, { content: proven, to: { hub }, lockFolder, beforeRolling: change })
  assert.equal([...hub.tags.keys()].toSorted(), ['1', '1.0', '1.0.0', 'latest', 'sha-1a2b3c4'])
})

test.run()
