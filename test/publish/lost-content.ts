// What a registry lost below names that are right: publish sends it again, heal and status say it, heal brings it from a mirror.
import { heal, status } from '@waybill/publish'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { testImage } from '../helpers/image.ts'
import { NAME, codes, load, once, scene, type Scene } from '../helpers/lossy.ts'
import { commitOf, lockFolder, release } from '../helpers/release.ts'

const test = suite('content that a registry lost')

const image = testImage({ seed: 'one' })
const parts = [...image.blobs, ...image.manifests].map(({ descriptor }) => descriptor)
async function whatIsGone({ registries, to }: Scene): Promise<readonly string[]> {
  const all = await Promise.all(
    registries.map(async (_registry, at) => {
      const missing = await to[`r${at}`]!.missing!([image.subject.digest])
      return [...missing.values()].flat()
    }),
  )
  return all.flat()
}

for (const [index, { digest, mediaType }] of parts.entries()) {
  const what = `part ${index + 1} of ${parts.length} (${mediaType.split('.').at(-1)})`

  test(`${what} is lost: publishing the same again brings it back, and says so`, async () => {
    const here = await scene(1)
    await once('1.0.0', image, here.to)
    assert.ok(await here.registries[0]!.lose(NAME, digest))
    assert.equal((await whatIsGone(here)).includes(digest), true)
    const receipt = await once('1.0.0', image, here.to)
    assert.equal(await whatIsGone(here), [])
    // A subject that is lost takes its names along: they are there again with it.
    const isSubject = digest === image.subject.digest
    if (!isSubject) assert.equal(codes(receipt), ['content-brought-back'])
    assert.equal(codes(await once('1.0.0', image, here.to)), [])
    await here.close()
  })

  test(`${what} is lost: the next version with the same image brings it back`, async () => {
    const here = await scene(1)
    await once('1.0.0', image, here.to)
    await here.registries[0]!.lose(NAME, digest)
    await once('1.0.1', image, here.to)
    assert.equal(await whatIsGone(here), [])
    await here.close()
  })

  test(`${what} is lost: heal and status name repository and digest, and heal brings it from the mirror`, async () => {
    const here = await scene(2)
    await once('1.0.0', image, here.to)
    await here.registries[1]!.lose(NAME, digest)
    const isSubject = digest === image.subject.digest
    const code = isSubject ? 'phantom' : 'content-missing'
    for (const report of [
      await heal(here.to),
      await status(release('1.0.0', commitOf('1.0.0')), { to: here.to }),
    ]) {
      assert.not.ok(report.ok)
      const found = report.findings.filter((finding) => finding.code === code)
      assert.ok(found.length > 0, JSON.stringify(report.findings))
      assert.ok(found.every(({ where }) => where?.repository === here.to['r1']!.name))
      if (!isSubject)
        assert.equal(
          found.map(({ where }) => where?.digest),
          [digest],
        )
    }
    if (!isSubject) {
      const repaired = await heal(here.to, { repair: true, load, lockFolder })
      assert.ok(repaired.ok, JSON.stringify(repaired.findings))
      assert.ok(codes(repaired).includes('repaired'))
      assert.equal(await whatIsGone(here), [])
      assert.ok((await heal(here.to)).ok)
    }
    await here.close()
  })
}

test('two mirrors that each lost another part are both made whole from each other', async () => {
  const here = await scene(2)
  await once('1.0.0', image, here.to)
  await here.registries[0]!.lose(NAME, image.blobs[0]!.descriptor.digest)
  await here.registries[1]!.lose(NAME, image.blobs[3]!.descriptor.digest)
  const repaired = await heal(here.to, { repair: true, load, lockFolder })
  assert.ok(repaired.ok, JSON.stringify(repaired.findings))
  assert.equal(await whatIsGone(here), [])
  await here.close()
})

test('what no mirror has stays a finding that says why, and a mirror that hands out other bytes is not believed', async () => {
  const here = await scene(2)
  await once('1.0.0', image, here.to)
  const { digest } = image.blobs[0]!.descriptor
  await here.registries[0]!.lose(NAME, digest)
  const alone = await heal({ r0: here.to['r0']! }, { repair: true, load, lockFolder })
  assert.match(alone.findings[0]!.message, 'no other repository that was given has')
  here.registries[1]!.inject([
    { kind: 'corrupt', at: 1, until: 99, method: 'GET', path: `blobs/${digest}` },
  ])
  const corrupt = await heal(here.to, { repair: true, load, lockFolder })
  assert.not.ok(corrupt.ok)
  assert.equal(codes(corrupt), ['content-missing'])
  assert.match(corrupt.findings[0]!.message, here.to['r1']!.name)
  assert.ok((await whatIsGone(here)).includes(digest))
  await here.close()
})

test('a blob that two versions share is asked for once, however many names lead to it', async () => {
  const here = await scene(1)
  const same = [testImage({ seed: 'a' }), testImage({ seed: 'b' })]
  await once('1.0.0', same[0]!, here.to)
  await once('1.1.0', same[1]!, here.to)
  const before = here.registries[0]!.requests.length
  await heal(here.to)
  const heads = here.registries[0]!.requests.slice(before)
    .filter(({ method, path }) => method === 'HEAD' && path.includes('/blobs/'))
    .map(({ path }) => path)
  // Two layers that all share, and a configuration and a layer of each platform of each version.
  assert.is(heads.length, 2 + 2 * 4)
  assert.is(new Set(heads).size, heads.length)
  await here.close()
})

test('a registry that handles 16 requests at once is never asked for more', async () => {
  let now = 0
  let most = 0
  const large = testImage({
    seed: 'large',
    platforms: Array.from({ length: 20 }, (_, n) => `p${n}`),
  })
  const here = await scene(1, {
    wrap: (next) => async (request) => {
      most = Math.max(most, ++now)
      try {
        await new Promise((done) => setImmediate(done))
        return await next(request)
      } finally {
        now--
      }
    },
  })
  await once('1.0.0', large, here.to)
  await once('1.0.0', large, here.to)
  await heal(here.to)
  assert.ok(most <= 16, `${most} at once`)
  await here.close()
})

test.run()
