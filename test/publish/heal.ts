import { heal } from '@waybill/publish'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createDestination, createImage, type TestDestination } from '../helpers/destination.ts'
import { digestOf, lockFolder, once, pair, tagsOf } from '../helpers/release.ts'

const test = suite('heal')

const load = () => Promise.resolve(createImage('1.1.0').content)

const codes = (report: { findings: readonly { code: string }[] }): readonly string[] =>
  [...new Set(report.findings.map(({ code }) => code))].toSorted()

async function released(...versions: readonly string[]) {
  const both = pair()
  for (const version of versions) await once(version, { ...both })
  return both
}

const digest = (seed: string) => createImage(seed).content.subject.digest
const point = ({ tags }: TestDestination, name: string, seed: string): unknown =>
  tags.set(name, digest(seed))

test('finds nothing wrong after releases in any order', async () => {
  const both = await released('1.0.0', '1.1.0', '2.0.0', '1.1.1', '0.9.0', '2.1.0-rc.1')
  const report = await heal({ ...both })
  assert.ok(report.ok)
  assert.equal(report.findings, [])
  assert.ok(report.checked.every(({ outcome }) => outcome === 'ok'))
})

test('a rolling name that went back is found and put right', async () => {
  const both = await released('1.0.0', '1.1.0')
  const before = tagsOf(both.hub)
  point(both.hub, 'latest', '1.0.0')
  point(both.ghcr, '1', '1.0.0')
  both.ghcr.tags.delete('1.1')
  const report = await heal({ ...both })
  assert.not.ok(report.ok)
  assert.equal(codes(report), ['rolling-missing', 'rolling-wrong'])
  assert.is(report.findings.length, 3)
  assert.is(both.hub.tags.get('latest'), digest('1.0.0'))
  const repaired = await heal({ ...both }, { repair: true, lockFolder })
  assert.ok(repaired.ok)
  assert.equal(codes(repaired), ['repaired'])
  assert.equal(tagsOf(both.hub), before)
  assert.equal(tagsOf(both.ghcr), before)
})

test('a yanked version does not count', async () => {
  const both = await released('1.0.0', '1.1.0')
  const options = { yanked: ['1.1.0'], lockFolder }
  const report = await heal({ ...both }, { ...options, repair: true })
  assert.is(both.hub.tags.get('latest'), digest('1.0.0'))
  assert.is(both.hub.tags.get('1'), digest('1.0.0'))
  assert.is(both.hub.tags.get('1.1.0'), digest('1.1.0'))
  assert.equal(codes(report), ['repaired', 'rolling-without-version'])
  assert.match(
    report.findings.find(({ code }) => code === 'rolling-without-version')!.message,
    '1.1 ',
  )
})

test('a rolling name that leads to a prerelease though nothing else was released is said', async () => {
  const { hub } = await released('1.0.0-rc.1')
  point(hub, 'latest', '1.0.0-rc.1')
  assert.equal(codes(await heal({ hub })), ['rolling-without-version'])
})

test('a mirror that lacks a version is found, and filled where the content can be loaded', async () => {
  const both = await released('1.0.0')
  await once('1.1.0', { hub: both.hub })
  const report = await heal({ ...both }, { repair: true, lockFolder })
  assert.ok(codes(report).includes('mirror-missing'))
  assert.not.ok(both.ghcr.tags.has('1.1.0'))
  const repaired = await heal({ ...both }, { repair: true, load, lockFolder })
  assert.ok(repaired.ok, JSON.stringify(repaired.findings))
  assert.equal(tagsOf(both.hub), tagsOf(both.ghcr))
})

test('an immutable name that differs is said with both digests and never changed', async () => {
  const both = await released('1.0.0')
  point(both.ghcr, '1.0.0', 'other')
  const before = tagsOf(both.ghcr)
  const report = await heal({ ...both }, { repair: true, lockFolder })
  assert.not.ok(report.ok)
  const { message } = report.findings.find(({ code }) => code === 'mirror-differs')!
  assert.match(message, digestOf('1.0.0'))
  assert.match(message, digestOf('other'))
  assert.equal(tagsOf(both.ghcr), before)
})

test('lines that nobody ever named are left so', async () => {
  const hub = createDestination('docker.io/acme/scim')
  const content = createImage('1.0.0')
  await hub.put(content.content)
  await hub.set('1.0.0', digest('1.0.0'), { kind: 'immutable', content: content.content })
  assert.ok((await heal({ hub })).ok)
  const asked = await heal({ hub }, { rolling: ['latest'] })
  assert.equal(codes(asked), ['rolling-missing'])
})

test('names of other components, channels and people are nobody’s business', async () => {
  const both = await released('1.0.0')
  for (const name of ['edge', 'cli-v9.9.9', 'nightly-2026', 'buildcache', '20260101'])
    point(both.hub, name, 'other')
  assert.ok((await heal({ ...both })).ok)
})

test('an optional mirror is a warning; one that cannot be read as well', async () => {
  const hub = createDestination('docker.io/acme/scim')
  const mirror = createDestination('mirror.example/scim', { required: false })
  await once('1.0.0', { hub })
  const report = await heal({ hub, mirror })
  assert.ok(report.ok)
  assert.ok(codes(report).includes('mirror-missing'))
  mirror.watch = {
    before() {
      throw new Error('no answer')
    },
  }
  assert.equal(codes(await heal({ hub, mirror })), ['optional-destination-failed'])
})

test('what could not be put right says why', async () => {
  const both = await released('1.0.0', '1.1.0')
  point(both.hub, 'latest', '1.0.0')
  both.hub.watch = {
    before({ method }) {
      if (method === 'restore') throw new Error('not allowed')
    },
  }
  const report = await heal({ ...both }, { repair: true, lockFolder })
  assert.not.ok(report.ok)
  assert.match(report.findings[0]!.message, 'it could not be put right: not allowed')
})

test('where no release stands anywhere nothing was checked: that is not well', async () => {
  const nothing = await heal({ ...pair() })
  assert.not.ok(nothing.ok)
  assert.equal(codes(nothing), ['no-releases'])
  const other = await heal({ ...(await released('1.0.0')) }, { tagPrefix: 'cli-' })
  assert.equal(codes(other), ['no-releases'])
  const { hub } = await released('1.0.0')
  const mirror = createDestination('mirror.example/scim', { required: false })
  const one = await heal({ hub, mirror })
  assert.equal(codes(one), ['mirror-missing', 'no-releases', 'rolling-missing'])
  assert.ok(one.ok)
})

test.run()
