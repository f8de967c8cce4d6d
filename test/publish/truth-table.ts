// The releases of facts/tags.md 2.2, row by row, with their defects gone: names as they end in two registries.
import { planPublish, publish } from '@waybill/publish'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createImage } from '../helpers/destination.ts'
import { rejects } from '../helpers/rejects.ts'
import { digestOf, lockFolder, once, pair, release, tagsOf, type Pair } from '../helpers/release.ts'

const test = suite('truth table of tags')

const versionsOf = (both: Pair, ...versions: readonly string[]): unknown => {
  const named = new Map(versions.map((version) => [digestOf(version), version]))
  const shown = [both.hub, both.ghcr].map((destination) =>
    Object.entries(tagsOf(destination))
      .filter(([name]) => !name.startsWith('sha-'))
      .map(([name, digest]) => `${name}=${named.get(digest)}`)
      .join(' '),
  )
  assert.is(shown[0], shown[1])
  return shown[0]
}

test('0.10.1', async () => {
  const both = pair()
  await once('0.10.1', { ...both })
  assert.is(versionsOf(both, '0.10.1'), '0.10=0.10.1 0.10.1=0.10.1 latest=0.10.1')
})

test('0.11.0-rc1', async () => {
  const both = pair()
  for (const version of ['0.10.1', '0.11.0-rc1']) await once(version, { ...both })
  const ends = '0.10=0.10.1 0.10.1=0.10.1 0.11.0-rc1=0.11.0-rc1 latest=0.10.1'
  assert.is(versionsOf(both, '0.10.1', '0.11.0-rc1'), ends)
})

test('0.9.3 after 0.10.0', async () => {
  const both = pair()
  for (const version of ['0.10.0', '0.9.3']) await once(version, { ...both })
  const ends = '0.10=0.10.0 0.10.0=0.10.0 0.9=0.9.3 0.9.3=0.9.3 latest=0.10.0'
  assert.is(versionsOf(both, '0.10.0', '0.9.3'), ends)
})

test('0.10.0 again after 0.10.1', async () => {
  const both = pair()
  for (const version of ['0.10.0', '0.10.1', '0.10.0']) await once(version, { ...both })
  const ends = '0.10=0.10.1 0.10.0=0.10.0 0.10.1=0.10.1 latest=0.10.1'
  assert.is(versionsOf(both, '0.10.0', '0.10.1'), ends)
})

test('1.0.0+build.5 beside 1.0.0-build.5', async () => {
  const both = pair()
  for (const version of ['1.0.0-build.5', '1.0.0+build.5']) await once(version, { ...both })
  const ends =
    '1=1.0.0+build.5 1.0=1.0.0+build.5 1.0.0-build.5=1.0.0-build.5 1.0.0_build.5=1.0.0+build.5 latest=1.0.0+build.5'
  assert.is(versionsOf(both, '1.0.0-build.5', '1.0.0+build.5'), ends)
})

test('the same version built to another digest', async () => {
  const both = pair()
  await once('1.0.0', { ...both })
  const before = tagsOf(both.hub)
  await rejects(once('1.0.0', { ...both }, { seed: 'built again' }), 'ERR_IMMUTABLE_TAG')
  assert.equal(tagsOf(both.hub), before)
})

test('a dispatch on a released commit', async () => {
  const both = pair()
  const to = { ...both }
  await once('1.0.0', to)
  const before = tagsOf(both.hub)
  const content = createImage('dispatched')
  const plan = await planPublish(release('1.0.0'), content, { to, channel: 'dev' })
  await publish(plan, { content, to, lockFolder })
  for (const destination of [both.hub, both.ghcr])
    assert.equal(tagsOf(destination), { ...before, dev: digestOf('dispatched') })
})

test('a snapshot of a commit that is released later', async () => {
  const both = pair()
  const to = { ...both }
  const commit = 'f'.repeat(40)
  for (const version of ['0.4.3-snapshot.fffffff', '0.4.3']) {
    const content = createImage(version)
    const plan = await planPublish(release(version, commit), content, { to })
    await publish(plan, { content, to, lockFolder })
  }
  assert.is(both.hub.tags.get('sha-fffffff'), digestOf('0.4.3'))
})

test('a release candidate promoted: the stable names get the very digest that was tested', async () => {
  const both = pair()
  const to = { ...both }
  const commit = 'e'.repeat(40)
  const content = createImage('tested')
  for (const version of ['1.0.0-rc.1', '1.0.0']) {
    const plan = await planPublish(release(version, commit), content, { to })
    await publish(plan, { content, to, lockFolder })
  }
  assert.equal(Object.keys(tagsOf(both.hub)), [
    '1',
    '1.0',
    '1.0.0',
    '1.0.0-rc.1',
    'latest',
    'sha-eeeeeee',
  ])
  assert.equal([...new Set(both.ghcr.tags.values())], [digestOf('tested')])
})

test('the registry that a third one joins: it gets what is due to this version and keeps every digest', async () => {
  const both = pair()
  await once('1.0.0', { hub: both.hub })
  await once('1.1.0', { hub: both.hub })
  await once('1.1.0', { ...both })
  assert.is(both.ghcr.tags.get('latest'), digestOf('1.1.0'))
  await once('1.0.0', { ...both })
  assert.is(both.ghcr.tags.get('1.0'), digestOf('1.0.0'))
  assert.equal(tagsOf(both.hub), tagsOf(both.ghcr))
})

test.run()
