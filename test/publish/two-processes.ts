// Publishers in processes of their own, at the same time, with the lock between them and without.
import { startRegistry } from '@waybill/testkit'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import {
  assertOrder,
  assertWrittenOnce,
  createScene,
  publishInChild,
  stateOf,
} from '../helpers/kill-requests.ts'
import { carryOut } from '../helpers/publish-child.ts'
import { folder } from '../helpers/release.ts'

const test = suite('publish, from two processes')
const registries = await Promise.all([startRegistry(), startRegistry()])
test.after(() => Promise.all(registries.map((registry) => registry.close())).then(() => {}))

test('of the same plan: both end well, and everything is written once', async () => {
  const scene = await createScene(registries)
  const ends = await Promise.all([1, 2, 3].map(() => publishInChild(scene.order)))
  assert.equal(ends, [0, 0, 0])
  assertWrittenOnce(scene)
  const [hub, ghcr] = await stateOf(scene)
  assert.equal(hub, ghcr)
})

test('of two versions: whoever is refused finishes when it runs again, and latest is the higher', async () => {
  const scene = await createScene(registries)
  const orders = [scene.order, { ...scene.order, version: '1.1.0' }]
  const ends = await Promise.all(orders.map(publishInChild))
  assert.ok(ends.includes(0))
  for (const order of orders) await carryOut(order)
  const [hub, ghcr] = await stateOf(scene)
  assert.equal(hub, ghcr)
  assert.is(hub!['latest'], hub!['1.1.0'])
  assert.is(hub!['1.0'], hub!['1.0.1'])
})

test('one that waits takes over as soon as the other is killed', async () => {
  const scene = await createScene(registries)
  registries[0]!.inject([{ kind: 'kill', at: 1, method: 'PUT' }])
  const first = publishInChild(scene.order)
  const second = publishInChild(scene.order)
  const ends = [await first, await second]
  assert.equal(ends.map(String).toSorted(), ['0', 'SIGKILL'])
  assertOrder(await stateOf(scene))
  assertWrittenOnce(scene)
  registries[0]!.inject([])
  const [hub, ghcr] = await stateOf(scene)
  assert.equal(hub, ghcr)
})

test('on two machines, of which no lock tells: immutable names never change, and whoever loses says so', async () => {
  for (let round = 0; round < 4; round++) {
    const scene = await createScene(registries)
    const orders = ['one', 'two'].map((seed) => ({
      ...scene.order,
      version: '2.0.0',
      seed,
      lockFolder: `${folder}/machine-${seed}`,
    }))
    const ends = await Promise.all(orders.map(publishInChild))
    const [hub, ghcr] = await stateOf(scene)
    // Without a create-only write both may lose; both can't win, and a winner's names are its own at both.
    assert.ok(ends.filter((end) => end === 0).length <= 1, String(ends))
    if (ends.includes(0)) {
      assert.is(hub!['2.0.0'], ghcr!['2.0.0'])
      assert.is(hub!['latest'], ghcr!['latest'])
    }
  }
})

test.run()
