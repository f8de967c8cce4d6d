// Every fault a registry knows, at every request: the run ends well all the same, or the next one does.
import { isWaybillError } from '@waybill/core'
import { startRegistry } from '@waybill/testkit'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import {
  assertOrder,
  assertWrittenOnce,
  createScene,
  kinds,
  stateOf,
  type Kind,
} from '../helpers/kill-requests.ts'
import { carryOut } from '../helpers/publish-child.ts'

const test = suite('publish, with a fault at every request')
const every = process.env['WAYBILL_FULL'] === '1' ? 1 : 19
const registries = await Promise.all([startRegistry(), startRegistry()])
test.after(() => Promise.all(registries.map((registry) => registry.close())).then(() => {}))

async function undisturbed() {
  const scene = await createScene(registries)
  await carryOut(scene.order)
  return { count: registries[0]!.requests.length - scene.from[0]!, state: await stateOf(scene) }
}

const calm = await undisturbed()

/** Whether the faulty run came to its end. */
async function endsWell(kind: Kind, at: number): Promise<boolean> {
  const scene = await createScene(registries)
  registries[at % 2]!.inject([{ kind, at }])
  let failure: unknown
  await carryOut(scene.order).catch((error: unknown) => (failure = error))
  const state = await stateOf(scene)
  assertOrder(state)
  registries[at % 2]!.inject([])
  if (failure === undefined) assert.equal(state, calm.state, `${kind} at ${at}`)
  else assert.ok(isWaybillError(failure), `${kind} at ${at}: ${String(failure)}`)
  await carryOut(scene.order)
  assert.equal(await stateOf(scene), calm.state, `${kind} at ${at}`)
  assertWrittenOnce(scene, { rolling: 'may' })
  return failure === undefined
}

for (const [index, kind] of kinds.entries()) {
  test(`${kind}: ends where an undisturbed run does, at once or with the next`, async () => {
    for (let at = 1 + (index % every); at <= calm.count; at += every) await endsWell(kind, at)
  })
}

test.run()
