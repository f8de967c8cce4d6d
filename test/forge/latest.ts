// GitHub's latest release is a rolling name: it goes forward by version, last of all, and back if something fails.
import { planPublish, publish } from '@waybill/publish'
import type { TestForge } from '@waybill/testkit'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { closingAfter } from '../helpers/closing.ts'
import { createDestination, createImage } from '../helpers/destination.ts'
import { api, pageOf, publishPage, REPOSITORY } from '../helpers/forge.ts'
import { startHeldForge } from '../helpers/github-contract.ts'
import { rejects } from '../helpers/rejects.ts'
import { lockFolder } from '../helpers/release.ts'

const test = suite('githubRelease, latest')
const closing = closingAfter(test)

const latest = async (forge: TestForge): Promise<unknown> =>
  ((await api(forge, 'GET', '/releases/latest')) as { tag_name?: unknown }).tag_name

test('moves to the highest version, and stays where a backport or a prerelease is published', async () => {
  const forge = await closing(startHeldForge())
  await publishPage(forge, '1.0.0')
  await publishPage(forge, '2.0.0')
  assert.is(await latest(forge), 'scim-v2.0.0')
  const backport = await publishPage(forge, '1.0.1')
  assert.not(backport.results.some(({ name }) => name === 'latest'))
  assert.is(await latest(forge), 'scim-v2.0.0')
  await publishPage(forge, '2.1.0-rc.1')
  assert.is(await latest(forge), 'scim-v2.0.0')
  const moved = await publishPage(forge, '2.1.0')
  assert.is(moved.results.find(({ name }) => name === 'latest')?.outcome, 'applied')
  assert.is(await latest(forge), 'scim-v2.1.0')
})

test('stays where a backport is published though nobody ever said which release is the latest', async () => {
  let time = 1_700_000_000_000
  const forge = await closing(startHeldForge({ now: () => (time += 1000) }))
  const json = { tag_name: 'scim-v2.0.0', make_latest: 'false' }
  await api(forge, 'POST', '/releases', json)
  assert.is(forge.repository(REPOSITORY)?.latest, null)
  await publishPage(forge, '1.0.1')
  assert.is(await latest(forge), 'scim-v2.0.0')
})

test('moves where nobody ever said which release is the latest, and that is said then', async () => {
  let time = 1_700_000_000_000
  const forge = await closing(startHeldForge({ now: () => (time += 1000) }))
  await api(forge, 'POST', '/releases', { tag_name: 'scim-v1.0.0', make_latest: 'false' })
  const { results } = await publishPage(forge, '2.0.0')
  assert.is(results.find(({ name }) => name === 'latest')?.outcome, 'applied')
  const made = forge.repository(REPOSITORY)?.releases.find(({ tag }) => tag === 'scim-v2.0.0')
  assert.is(forge.repository(REPOSITORY)?.latest, made?.id)
})

test('counts versions that stand elsewhere, and none that are yanked', async () => {
  const forge = await closing(startHeldForge())
  await publishPage(forge, '1.0.0')
  const registry = createDestination('ghcr.io/acme/scim', {
    tags: { '3.0.0': `sha256:${'1'.repeat(64)}` },
  })
  const { page, release } = pageOf(forge, '2.0.0')
  const content = createImage('2.0.0')
  const to = { page, registry }
  const kept = await planPublish(release, content, { to })
  assert.equal(kept.destinations[page.name]!.rolling, [])
  const yanked = await planPublish(release, content, { to, yanked: ['3.0.0'] })
  assert.equal(yanked.destinations[page.name]!.rolling, ['latest'])
})

test('latest: false is for a component that is not the repository’s face', async () => {
  const forge = await closing(startHeldForge())
  await publishPage(forge, '1.0.0')
  const receipt = await publishPage(forge, '2.0.0', { latest: false })
  assert.not(receipt.results.some(({ name }) => name === 'latest'))
  assert.is(await latest(forge), 'scim-v1.0.0')
})

test('is put back when another destination fails to move its own', async () => {
  const forge = await closing(startHeldForge())
  const registry = createDestination('ghcr.io/acme/scim')
  const work = async (version: string): Promise<unknown> => {
    const { page, release } = pageOf(forge, version)
    const content = createImage(version)
    const to = { page, registry }
    const plan = await planPublish(release, content, { to })
    return publish(plan, { content, to, lockFolder })
  }
  await work('1.0.0')
  registry.watch = {
    before({ method, name }) {
      if (method === 'set' && name === 'latest') throw new Error('the registry is full')
    },
  }
  const error = await work('2.0.0').then(
    () => undefined,
    (failure: Error) => failure,
  )
  assert.match(error?.message ?? '', /put back: .*github:acme\/scim:latest/)
  assert.is(await latest(forge), 'scim-v1.0.0')
  registry.watch = {}
  await work('2.0.0')
  assert.is(await latest(forge), 'scim-v2.0.0')
})

test('a plan is stale when somebody else moved it since', async () => {
  const forge = await closing(startHeldForge())
  await publishPage(forge, '1.0.0')
  const { page, release } = pageOf(forge, '2.0.0')
  const content = createImage('2.0.0')
  const plan = await planPublish(release, content, { to: { page } })
  await api(forge, 'POST', '/releases', { tag_name: 'nightly' })
  const error = await rejects(
    publish(plan, { content, to: { page }, lockFolder }),
    'ERR_STALE_PLAN',
  )
  assert.match(error.message, 'release:scim-v2.0.0')
  assert.match(error.message, 'release:scim-v1.0.0')
  assert.match(error.message, 'release:nightly')
})

test('a higher version that came since the plan was made stops it', async () => {
  const forge = await closing(startHeldForge())
  const { page, release } = pageOf(forge, '2.0.0')
  const content = createImage('2.0.0')
  const plan = await planPublish(release, content, { to: { page } })
  await api(forge, 'POST', '/releases', {
    tag_name: 'scim-v3.0.0',
    make_latest: 'false',
    prerelease: true,
  })
  const error = await rejects(
    publish(plan, { content, to: { page }, lockFolder }),
    'ERR_STALE_PLAN',
  )
  assert.match(error.message, '3.0.0 is higher than 2.0.0')
})

test.run()
