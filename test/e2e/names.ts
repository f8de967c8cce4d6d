// Which tags a publish moves, in two real registries of their own: by version order, never by time.
import { mapLimit } from '@waybill/core'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { startRegistry, type TestRegistry } from '@waybill/testkit'
import { waybill, type CliResult } from '../helpers/cli.ts'
import { ask } from '../helpers/push.ts'
import { digestOfTag, tagsOf } from '../helpers/registry-process.ts'
import { createReleasedImage, publishWords, type ReleasedImage } from '../helpers/released-image.ts'

interface Scene {
  readonly registries: readonly TestRegistry[]
  readonly images: readonly ReleasedImage[]
}

const test = suite<Scene>('tags of a publish')
test.before(async (scene) => {
  const marks = ['one', 'two', 'three']
  Object.assign(scene, {
    images: await Promise.all(marks.map((mark) => createReleasedImage(mark))),
  })
})
test.before.each(async (scene) => {
  Object.assign(scene, { registries: await Promise.all([startRegistry(), startRegistry()]) })
})
test.after.each(({ registries }) =>
  Promise.all(registries.map((registry) => registry.close())).then(() => {}),
)

/** Publishes an image under a version, from a commit of its own. */
async function publish(
  { registries, images }: Scene,
  which: number,
  version: string,
  ...more: readonly string[]
): Promise<CliResult> {
  const to = registries.map(({ address }) => `${address}/acme/app`)
  const commit = ['--commit', String(which).repeat(40)]
  return waybill([...publishWords(images[which]!, version, to), ...commit, ...more])
}

async function good(...args: Parameters<typeof publish>): Promise<void> {
  const result = await publish(...args)
  assert.is(result.code, 0, result.stderr + result.stdout)
}

/** What every tag stands for: the number of its image. Both registries must agree. */
async function tags({ registries, images }: Scene): Promise<Record<string, number>> {
  const each = await Promise.all(
    registries.map(async ({ address }) => {
      const names = (await tagsOf(address, 'acme/app')).toSorted()
      const digests = await Promise.all(names.map((name) => digestOfTag(address, 'acme/app', name)))
      return names.map((name, index) => [
        name,
        images.findIndex(({ digest }) => digest === digests[index]),
      ])
    }),
  )
  assert.equal(each[0], each[1])
  return Object.fromEntries(each[0]!) as Record<string, number>
}

test('a backport moves its own line; a prerelease, a snapshot and 0.x move no more than theirs', async (scene) => {
  await good(scene, 0, '1.9.0')
  await good(scene, 1, '2.0.0')
  await good(scene, 2, '1.9.1')
  const sha = { 'sha-0000000': 0, 'sha-1111111': 1, 'sha-2222222': 2 }
  const released = { '1': 2, '1.9': 2, '1.9.0': 0, '1.9.1': 2, '2': 1, '2.0': 1, '2.0.0': 1 }
  assert.equal(await tags(scene), { ...released, ...sha, latest: 1 })
  await good(scene, 0, '2.1.0-rc.1')
  await good(scene, 0, '0.4.3-snapshot.1a2b3c4')
  await good(scene, 0, '0.4.2')
  const more = { '0.4': 0, '0.4.2': 0, '0.4.3-snapshot.1a2b3c4': 0, '2.1.0-rc.1': 0 }
  assert.equal(await tags(scene), { ...released, ...sha, ...more, latest: 1 })
})

test('a channel moves itself and nothing else, back too; yanked versions do not count', async (scene) => {
  await good(scene, 0, '1.0.0')
  const before = await tags(scene)
  await good(scene, 1, '1.1.0', '--channel', 'edge')
  await good(scene, 2, '1.0.5', '--channel', 'edge')
  assert.equal(await tags(scene), { ...before, edge: 2 })
  await good(scene, 1, '2.0.0')
  await good(scene, 2, '1.0.1', '--yanked', '2.0.0')
  const found = await tags(scene)
  assert.is(found['latest'], 2)
  assert.is(found['2.0.0'], 1)
})

test('build metadata has a tag that no other version has, and prefixes keep components apart', async (scene) => {
  await good(scene, 0, '1.0.0+build.5')
  await good(scene, 1, '1.0.0-build.5')
  await good(scene, 2, '3.0.0', '--tag-prefix', 'cli-v')
  const found = await tags(scene)
  assert.is(found['1.0.0_build.5'], 0)
  assert.is(found['1.0.0-build.5'], 1)
  assert.is(found['latest'], 0)
  assert.is(found['cli-v3.0.0'], 2)
  assert.is(found['cli-latest'], 2)
})

test('an immutable tag of other content in one registry is refused before anything is written to either', async (scene) => {
  const [first, second] = scene.registries
  await good({ ...scene, registries: [second!] }, 0, '1.0.0')
  const refused = await publish(scene, 1, '1.0.0')
  assert.is(refused.code, 1, refused.stdout)
  assert.match(refused.stdout, /ERR_IMMUTABLE_TAG/)
  for (const { digest } of scene.images.slice(0, 2)) assert.match(refused.stdout, digest)
  // Whether we may is tried out by an upload that is opened and cancelled; nothing is sent.
  assert.equal(
    first!.requests.filter(({ method }) => ['PUT', 'PATCH'].includes(method)),
    [],
  )
})

test('the released commit makes the sha- tag, else the image’s revision; a waiver stands in the receipt', async (scene) => {
  const { registries, images } = scene
  const to = registries.flatMap(({ address }) => ['--to', `${address}/acme/app`])
  const words = ['publish', images[0]!.layout, '--version', '1.0.0', ...to, '--json']
  const result = await waybill([...words, '--waive-identity', 'built elsewhere'])
  assert.is(result.code, 0, result.stdout)
  assert.is(result.json()['waived'], 'built elsewhere')
  assert.is((await tags(scene))['sha-1a2b3c4'], 0)
})

test('more than a thousand tags: the highest is found on the last page', async (scene) => {
  const [one] = scene.images
  const [{ address }, second] = scene.registries as [TestRegistry, TestRegistry]
  assert.is((await waybill(publishWords(one!, '9.0.0', [`${address}/acme/app`]))).code, 0)
  const url = `/v2/acme/app/manifests`
  const type = 'application/vnd.oci.image.index.v1+json'
  const { body } = await ask(address, `GET ${url}/9.0.0`, { headers: { accept: type } })
  const headers = { 'content-type': type }
  await mapLimit(
    Array.from({ length: 1100 }, (_, minor) => `1.${minor}.0`),
    8,
    (tag) => ask(address, `PUT ${url}/${tag}`, { headers, body }),
  )
  await good(scene, 1, '8.0.0')
  assert.is(await digestOfTag(address, 'acme/app', 'latest'), one!.digest)
  assert.is(await digestOfTag(second.address, 'acme/app', 'latest'), undefined)
})

test.run()
