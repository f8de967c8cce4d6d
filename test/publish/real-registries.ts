// The transaction against two processes of docker-registry, behind proxies that kill the publisher or break its connections.
import { startProxy, type TestProxy } from '@waybill/testkit'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { startDockerRegistry } from '../helpers/docker-registry.ts'
import {
  assertOrder,
  assertWrittenOnce,
  createScene,
  kinds,
  publishInChild,
  stateOf,
  type Tags,
} from '../helpers/kill-requests.ts'
import { testWith } from '../helpers/needs.ts'
import { carryOut } from '../helpers/publish-child.ts'

const test = suite('publish, to two real registries')
const every = process.env['WAYBILL_FULL'] === '1' ? 1 : 7

interface Calm {
  readonly counts: readonly number[]
  readonly state: readonly Tags[]
}

interface Real extends Calm {
  readonly proxies: readonly TestProxy[]
  close(): Promise<void>
}

let started: Promise<Real> | undefined
const real = (): Promise<Real> => (started ??= start())
test.after(async () => (await started)?.close())

async function start(): Promise<Real> {
  const servers = await Promise.all([startDockerRegistry(), startDockerRegistry()])
  const proxies = await Promise.all(servers.map(({ address }) => startProxy({ target: address })))
  const scene = await createScene(proxies)
  assert.is(await publishInChild(scene.order), 0)
  const counts = proxies.map(({ requests }, index) => requests.length - scene.from[index]!)
  const close = async (): Promise<void> => {
    await Promise.all(proxies.map((proxy) => proxy.close()))
    await Promise.all(servers.map((server) => server.stop()))
  }
  return { proxies, counts, state: await stateOf(scene), close }
}

testWith(
  test,
  ['docker-registry'],
  'both end with the same seven names at one digest',
  async () => {
    const { state } = await real()
    const [hub, ghcr] = state
    assert.equal(hub, ghcr)
    assert.is(Object.keys(hub!).length, 7)
    assert.is(hub!['latest'], hub!['1.0.1'])
  },
)

testWith(
  test,
  ['docker-registry'],
  'killed at its requests, the next run ends where an undisturbed one does',
  async () => {
    const { proxies, counts, state } = await real()
    for (const kind of ['kill', 'kill-after'] as const) {
      for (const [which, count] of counts.entries()) {
        for (let at = 1 + ((which * 5) % every); at <= count; at += every) {
          const scene = await createScene(proxies, at % 2 === 0)
          proxies[which]!.inject([{ kind, at }])
          await publishInChild(scene.order)
          assertOrder(await stateOf(scene))
          proxies[which]!.inject([])
          await carryOut(scene.order)
          assert.equal(await stateOf(scene), state, `${kind} at ${at}`)
          assertWrittenOnce(scene)
        }
      }
    }
  },
)

testWith(
  test,
  ['docker-registry'],
  'with a fault at its requests, it ends there at once or with the next',
  async () => {
    const { proxies, counts, state } = await real()
    for (const [index, kind] of kinds.entries()) {
      for (const [which, count] of counts.entries()) {
        for (let at = 1 + ((index * 7 + which * 3) % every); at <= count; at += every) {
          const scene = await createScene(proxies)
          proxies[which]!.inject([{ kind, at }])
          await carryOut(scene.order).catch(() => {})
          assertOrder(await stateOf(scene))
          proxies[which]!.inject([])
          await carryOut(scene.order)
          assert.equal(await stateOf(scene), state, `${kind} at ${at} of ${which}`)
          assertWrittenOnce(scene, { rolling: 'may' })
        }
      }
    }
  },
)

test.run()
