// Each job killed at several moments, and its steps run again alone: what the jobs before handed over, and an empty disk.
import type { ChildProcess } from 'node:child_process'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { startRegistry } from '@waybill/testkit'
import { createJob, type StepResult } from '../helpers/action.ts'
import { closingAfter } from '../helpers/closing.ts'
import { startProxy } from '../helpers/counting-proxy.ts'
import { buildParts, CELLS } from '../helpers/parts.ts'
import { createReleasable, type Releasable } from '../helpers/releasable.ts'

const test = suite('killed jobs')
const closing = closingAfter(test)
const ROLLING = ['0.1', 'latest']

/** When the release job is killed: at its n-th request, before it is passed on or after it was carried out. */
interface Kill {
  readonly at: number
  readonly side: 'before' | 'after'
}

interface World {
  readonly app: Releasable
  readonly parts: string
  /** Setup and release in a job on an empty disk. */
  release(kill?: Kill): Promise<StepResult>
  /** Requests of the last release. */
  requests(): number
  /** Everything that was ever written and acknowledged: `0 /v2/acme/app/manifests/0.1.0`. */
  readonly written: readonly string[]
}

const users = { me: 'a password' }

async function createWorld(): Promise<World> {
  const registries = [
    await closing(startRegistry({ auth: { users } })),
    await closing(startRegistry({ auth: { users } })),
  ]
  const watch = createWatch()
  const proxies = await Promise.all(
    registries.map(({ address }, place) => startProxy(address, watch.of(place))),
  )
  for (const proxy of proxies) await closing(Promise.resolve({ close: async () => proxy.close() }))
  const addresses = proxies.map(({ address }) => address)
  const app = createReleasable(addresses)
  const parts = await buildParts(app)
  return {
    app,
    parts,
    written: watch.written,
    requests: watch.requests,
    async release(kill) {
      watch.disarm()
      const job = createJob(app.checkout())
      const credentials = addresses.map((address) => `${address} me ${users.me}`).join('\n')
      const setup = await job.step('setup', { credentials })
      assert.is(setup.code, 0, setup.log)
      return job.step('release', { parts }, { onStart: (child) => watch.arm(child, kill) })
    },
  }
}

function createWatch() {
  const written: string[] = []
  let count = 0
  let child: ChildProcess | undefined
  let kill: Kill | undefined
  const strike = (side: Kill['side'], turn: number): boolean => {
    const isTime = kill?.side === side && turn >= kill.at
    if (isTime) child?.kill('SIGKILL')
    return isTime
  }
  return {
    written,
    requests: () => count,
    arm(started: ChildProcess, when: Kill | undefined) {
      child = started
      kill = when
      count = 0
    },
    disarm: () => void (kill = undefined),
    of: (place: number) => ({
      before: () => !strike('before', ++count),
      after(method: string, path: string, status: number) {
        if (method === 'PUT' && status === 201) written.push(`${place} ${placeOf(path)}`)
        strike('after', count)
      },
    }),
  }
}

// An upload's own address says nothing; what it ends with is the blob's digest.
const placeOf = (path: string): string => /digest=([^&]+)/.exec(path)?.[1] ?? path

async function assertWhole(world: World, result: StepResult): Promise<void> {
  assert.is(result.code, 0, result.log)
  const manifests = world.written.filter((line) => line.includes('/manifests/'))
  for (const place of [0, 1])
    for (const tag of ['0.1.0', ...ROLLING])
      assert.ok(
        manifests.some((line) => line === `${place} /v2/acme/app/manifests/${tag}`),
        tag,
      )
  assert.is(new Set(world.written).size, world.written.length, 'something was written twice')
  const { repository, remote } = world.app
  assert.is(
    repository.git('ls-remote', remote, 'refs/tags/app-v0.1.0').split('\t')[0],
    repository.git('rev-parse', 'HEAD'),
  )
}

let total = 0

test('undisturbed: everything is written once; the job again writes nothing', async () => {
  const world = await createWorld()
  await assertWhole(world, await world.release())
  total = world.requests()
  const writes = world.written.length
  const again = await world.release()
  assert.is(again.outputs['outcome'], 'unchanged', again.log)
  assert.is(world.written.length, writes)
})

const moments = [
  [0.1, 'before'],
  [0.35, 'after'],
  [0.6, 'before'],
  [0.8, 'after'],
  [0.95, 'before'],
] as const

for (const [part, side] of moments) {
  test(`the release job killed ${side} ${part * 100} % of its requests: run again alone it completes`, async () => {
    const world = await createWorld()
    const killed = await world.release({ at: Math.round(total * part), side })
    assert.is(killed.code, null, killed.log)
    const immutable = world.written.filter((line) => line.endsWith('/manifests/0.1.0'))
    if (world.written.some((line) => ROLLING.some((tag) => line.endsWith(`/${tag}`))))
      assert.is(immutable.length, 2, 'a rolling name before the immutable ones')
    await assertWhole(world, await world.release())
  })
}

const app = createReleasable(['127.0.0.1:1'])
const killAfter =
  (milliseconds: number) =>
  (child: ChildProcess): void =>
    void setTimeout(() => child.kill('SIGKILL'), milliseconds)

test('the gate killed at any moment: run again alone it says the same', async () => {
  const wanted = (await createJob(app.checkout()).step('gate')).outputs
  assert.is(wanted['release'], 'true')
  for (const time of [30, 90, 130, 170, 230]) {
    await createJob(app.checkout()).step('gate', {}, { onStart: killAfter(time) })
    assert.equal((await createJob(app.checkout()).step('gate')).outputs, wanted)
  }
})

test('a build killed at any moment: run again, on an empty disk and on what it left, it makes the same bytes', async () => {
  const [cell] = CELLS
  const wanted = (await createJob(app.checkout()).step('build', { cell })).outputs['artifacts']
  for (const time of [90, 150, 190, 230, 280]) {
    const job = createJob(app.checkout())
    await job.step('build', { cell }, { onStart: killAfter(time) })
    for (const next of [createJob(app.checkout()), job]) {
      const built = await next.step('build', { cell })
      assert.is(built.code, 0, built.log)
      assert.is(built.outputs['artifacts'], wanted)
    }
  }
})

test.run()
