import { mkdirSync, mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import {
  withFileLocks,
  type Destinations,
  type NamedDigest,
  type WaybillError,
} from '@waybill/core'
import { planPublish, publish } from '@waybill/publish'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createImage } from '../helpers/destination.ts'
import { createRandom } from '../helpers/mutate.ts'
import { rejects } from '../helpers/rejects.ts'
import {
  digestOf,
  folder,
  lockFolder,
  once,
  pair,
  release,
  tagsOf,
  type Pair,
} from '../helpers/release.ts'

const test = suite('publish, two at once')

test('of the same plan: one writes, the other finds everything done', async () => {
  const { hub, ghcr } = pair()
  const to = { hub, ghcr }
  const content = createImage('a')
  const plan = await planPublish(release('1.0.0'), content, { to })
  const receipts = await Promise.all(
    [1, 2, 3].map(() => publish(plan, { content, to, lockFolder })),
  )
  const applied = receipts.map(
    ({ results }) => results.filter(({ outcome }) => outcome === 'applied').length,
  )
  assert.equal(applied.toSorted(), [0, 0, 10])
  assert.is(new Set(hub.writes).size, hub.writes.length)
  assert.is(new Set(ghcr.writes).size, ghcr.writes.length)
})

test('of the same version with different content: one writes, the other stops and names both', async () => {
  const { hub, ghcr } = pair()
  const to = { hub, ghcr }
  const one = createImage('one')
  const two = createImage('two')
  const plans = await Promise.all(
    [one, two].map((content) => planPublish(release('1.0.0'), content, { to })),
  )
  const settled = await Promise.allSettled([
    publish(plans[0]!, { content: one, to, lockFolder }),
    publish(plans[1]!, { content: two, to, lockFolder }),
  ])
  const lost = settled.find((result) => result.status === 'rejected')
  assert.is(settled.filter(({ status }) => status === 'fulfilled').length, 1)
  assert.is(lost?.reason.code, 'ERR_IMMUTABLE_TAG')
  assert.match(lost?.reason.message, digestOf('one'))
  assert.match(lost?.reason.message, digestOf('two'))
  assert.equal(tagsOf(hub), tagsOf(ghcr))
  assert.is(new Set(hub.tags.values()).size, 1)
})

/** Plans versions first, then publishes them in this order, one after the other as a lock makes them. */
async function plannedTogether(versions: readonly string[], to: Destinations) {
  const work = versions.map(async (version) => {
    const content = createImage(version)
    const commit = Buffer.from(version.padEnd(20)).toString('hex')
    return [content, await planPublish(release(version, commit), content, { to })] as const
  })
  const plans = await Promise.all(work)
  const ended: PromiseSettledResult<unknown>[] = []
  for (const [content, plan] of plans)
    ended.push(
      ...(await Promise.allSettled([
        publish(plan, { content, to, lockFolder, justPlanned: true }),
      ])),
    )
  return ended
}

function assertHigher({ hub, ghcr }: Pair): void {
  for (const { tags } of [hub, ghcr]) {
    assert.is(tags.get('latest'), digestOf('1.1.0'))
    assert.is(tags.get('1.0'), digestOf('1.0.1'))
    assert.is(tags.get('1.1'), digestOf('1.1.0'))
  }
}

test('of different versions planned at once, the higher comes second: it goes on by itself', async () => {
  const both = pair()
  const settled = await plannedTogether(['1.0.1', '1.1.0'], { ...both })
  assert.equal(
    settled.map(({ status }) => status),
    ['fulfilled', 'fulfilled'],
  )
  assertHigher(both)
})

test('of different versions, the higher in a plan that somebody looked at: it is held to what it saw', async () => {
  const both = pair()
  const to = { ...both }
  const content = createImage('1.1.0')
  const commit = Buffer.from('1.1.0'.padEnd(20)).toString('hex')
  const plan = await planPublish(release('1.1.0', commit), content, { to })
  await once('1.0.1', to)
  await rejects(publish(plan, { content, to, lockFolder }), 'ERR_STALE_PLAN')
  await once('1.1.0', to)
  assertHigher(both)
})

test('of different versions planned at once, the lower comes second: it is told, and moves nothing back', async () => {
  const both = pair()
  const to = { ...both }
  const [, second] = await plannedTogether(['1.1.0', '1.0.1'], to)
  assert.is(second?.status, 'rejected')
  assert.is((second as PromiseRejectedResult).reason.code, 'ERR_STALE_PLAN')
  await once('1.0.1', to)
  assertHigher(both)
})

test('what is not a lower version’s is not moved: another digest, a channel, one that a higher version has as well', async () => {
  const strangers: readonly (readonly [string, (both: Pair) => void])[] = [
    [
      'a digest of no version',
      ({ hub }) => void hub.tags.set('latest', digestOf('other') as NamedDigest),
    ],
    [
      'a version of another component',
      ({ hub }) => {
        hub.tags.set('cli-0.9.0', digestOf('cli') as NamedDigest)
        hub.tags.set('latest', digestOf('cli') as NamedDigest)
      },
    ],
    [
      'a lower version at the other registry alone',
      ({ hub, ghcr }) => {
        ghcr.tags.set('0.9.1', digestOf('0.9.1') as NamedDigest)
        hub.tags.set('latest', digestOf('0.9.1') as NamedDigest)
      },
    ],
    [
      'a higher version that has the same content',
      ({ hub }) => {
        for (const name of ['0.9.1', '3.0.0', 'latest'])
          hub.tags.set(name, digestOf('same') as NamedDigest)
      },
    ],
  ]
  for (const [what, intrude] of strangers) {
    const both = pair()
    const to = { ...both }
    await once('0.9.0', to)
    const content = createImage('1.1.0')
    const commit = Buffer.from('1.1.0'.padEnd(20)).toString('hex')
    const plan = await planPublish(release('1.1.0', commit), content, { to })
    intrude(both)
    const before = both.hub.tags.get('latest')
    await rejects(publish(plan, { content, to, lockFolder }), 'ERR_STALE_PLAN')
    assert.is(both.hub.tags.get('latest'), before, what)
  }
})

test('the second stops, naming the holder, when it was told not to wait', async () => {
  const { hub, ghcr } = pair()
  const to = { hub, ghcr }
  const content = createImage('a')
  const plan = await planPublish(release('1.0.0'), content, { to })
  const lock = {
    folder: lockFolder,
    purpose: 'publishing sha256:other',
    signal: new AbortController().signal,
  }
  await withFileLocks([ghcr.name], lock, async () => {
    const options = { content, to, lockFolder, lockWait: 0 }
    const error = await rejects(publish(plan, options), 'ERR_LOCKED')
    assert.match(error.message, `${ghcr.name}: process ${process.pid} is publishing sha256:other`)
    assert.is(hub.writes.length, 0)
  })
})

test('a lock without a journal folder holds as well, and journals are kept apart by plan', async () => {
  const { hub, ghcr } = pair()
  const to = { hub, ghcr }
  const journal = mkdtempSync(join(folder, 'journal-'))
  mkdirSync(journal, { recursive: true })
  const settled = await Promise.allSettled([
    once('1.0.0', to, { journal, seed: 'a' }),
    once('1.0.0', to, { seed: 'a' }),
  ])
  assert.ok(settled.every(({ status }) => status === 'fulfilled'))
  assert.is(new Set(hub.writes).size, hub.writes.length)
})

// Machines that share no lock.
const machine = (name: string): string => join(folder, 'machines', name)

async function publishOn(name: string, version: string, to: Destinations): Promise<unknown> {
  const content = createImage(version)
  const commit = Buffer.from(version.padEnd(20)).toString('hex')
  const plan = await planPublish(release(version, commit), content, { to })
  return publish(plan, { content, to, lockFolder: machine(name), justPlanned: true })
}

/** Publishes again what failed, until nothing does: whoever is told to run the same again does so. */
async function finish(to: Destinations, failed: readonly string[]): Promise<void> {
  for (const version of failed) await publishOn('again', version, to)
}

function assertForward({ hub, ghcr }: Pair, what: string): void {
  for (const { tags, name } of [hub, ghcr]) {
    assert.is(tags.get('1.0.0'), digestOf('1.0.0'), `${what}: ${name}`)
    for (const rolling of ['latest', '1'])
      assert.is(tags.get(rolling), digestOf('1.1.0'), `${what}: ${name}:${rolling}`)
  }
}

for (const [slow, quick] of [
  ['1.0.0', '1.1.0'],
  ['1.1.0', '1.0.0'],
] as const)
  test(`of ${quick} on another machine at every call of ${slow}: rolling names end at the higher`, async () => {
    let isOver = false
    for (let at = 1; !isOver; at++) {
      const places = pair()
      const to = { ...places }
      let count = 0
      let other: Promise<unknown> | undefined
      const before = async (): Promise<void> => {
        if (other !== undefined || ++count !== at) return
        other = publishOn('quick', quick, to).catch((error: unknown) => error)
        await other
      }
      for (const place of Object.values(places)) place.watch = { before }
      const ended = await publishOn('slow', slow, to).catch((error: unknown) => error)
      isOver = other === undefined
      if (isOver) break
      const failed = [ended, await other]
      for (const error of failed.filter((one) => one instanceof Error))
        assert.match(
          (error as WaybillError).code,
          /ERR_STALE_PLAN|ERR_READ_BACK/,
          `${at}: ${String(error)}`,
        )
      await finish(
        to,
        [slow, quick].filter((_, index) => failed[index] instanceof Error),
      )
      assertForward(places, `call ${at}`)
    }
  })

test('of two versions on two machines, in any order of their calls: rolling names end at the higher', async () => {
  const random = createRandom(5)
  for (let round = 0; round < (process.env['WAYBILL_FULL'] === '1' ? 5000 : 300); round++) {
    const places = pair()
    const pause = async (): Promise<void> => {
      for (let ticks = random(12); ticks > 0; ticks--) await Promise.resolve()
    }
    for (const place of Object.values(places)) place.watch = { before: pause, after: pause }
    const versions = ['1.0.0', '1.1.0'] as const
    const ended = await Promise.allSettled(
      versions.map(async (version) => {
        for (let ticks = random(80); ticks > 0; ticks--) await Promise.resolve()
        return publishOn(version, version, places as unknown as Destinations)
      }),
    )
    await finish(
      places as unknown as Destinations,
      versions.filter((_, index) => ended[index]!.status === 'rejected'),
    )
    assertForward(places, `round ${round}: ${ended.map(({ status }) => status).join(', ')}`)
  }
})

test.run()
