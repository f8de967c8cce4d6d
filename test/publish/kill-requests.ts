// A publisher that is killed (SIGKILL) at each of its HTTP requests, before the registry handles it and after; then another finishes.
import { startRegistry } from '@waybill/testkit'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import {
  assertOrder,
  assertWrittenOnce,
  createScene,
  publishInChild,
  stateOf,
  type Kind,
} from '../helpers/kill-requests.ts'
import { carryOut } from '../helpers/publish-child.ts'

const test = suite('publish, killed at every request')
const every = process.env['WAYBILL_FULL'] === '1' ? 1 : 13
const registries = await Promise.all([startRegistry(), startRegistry()])

async function undisturbed() {
  const scene = await createScene(registries)
  assert.is(await publishInChild(scene.order), 0)
  const counts = registries.map(({ requests }, index) => requests.length - scene.from[index]!)
  assertWrittenOnce(scene)
  return { counts, state: await stateOf(scene) }
}

test.after(() => Promise.all(registries.map((registry) => registry.close())).then(() => {}))

const calm = await undisturbed()

test('an undisturbed run ends with the same names at one digest in both', () => {
  const [hub, ghcr] = calm.state
  assert.equal(hub, ghcr)
  assert.is(Object.keys(hub!).length, 7)
  assert.is(hub!['latest'], hub!['1.0.1'])
})

async function killedAt(kind: Kind, which: number, at: number): Promise<boolean> {
  const scene = await createScene(registries, at % 2 === 0)
  registries[which]!.inject([{ kind, at }])
  const end = await publishInChild(scene.order)
  assertOrder(await stateOf(scene))
  registries[which]!.inject([])
  await carryOut(scene.order)
  assert.equal(await stateOf(scene), calm.state)
  assertWrittenOnce(scene)
  return end === 'SIGKILL'
}

for (const kind of ['kill', 'kill-after'] as const) {
  for (const which of [0, 1]) {
    test(`${kind} at the requests to registry ${which + 1}: the next run ends where an undisturbed one does`, async () => {
      let tried = 0
      let died = 0
      for (let at = 1 + which; at <= calm.counts[which]!; at += every) {
        tried++
        if (await killedAt(kind, which, at)) died++
      }
      // How many requests a run needs varies by one or two with the order in which answers come.
      assert.ok(tried > 2 && died >= tried - 2, `${died} of ${tried} died`)
    })
  }
}

test.run()
