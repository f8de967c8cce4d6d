// A publisher that is killed (SIGKILL) at each of its requests to the forge, before it is handled and after; then another finishes.
import { startRegistry } from '@waybill/testkit'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { carryOutPage } from '../helpers/forge-child.ts'
import {
  assertForgeOrder,
  assertUploadedOnce,
  createForgeScene,
  publishPageInChild,
  sightOf,
} from '../helpers/forge-scenes.ts'
import { startHeldForge } from '../helpers/github-contract.ts'

const test = suite('githubRelease, killed at every request')
const every = process.env['WAYBILL_FULL'] === '1' ? 1 : 7
const pair = { forge: await startHeldForge(), registry: await startRegistry() }
test.after(async () => {
  await pair.registry.close()
  await pair.forge.close()
})

async function undisturbed() {
  const scene = await createForgeScene(pair)
  assert.is(await publishPageInChild(scene.order), 0)
  assertUploadedOnce(scene)
  return { count: pair.forge.requests.length - scene.from, sight: await sightOf(scene) }
}

const calm = await undisturbed()

test('an undisturbed run ends with a whole release that is the latest', () => {
  assert.is(calm.sight.releases.length, 2)
  assert.is(calm.sight.latest, 'scim-v1.0.1')
  assertForgeOrder(calm.sight)
})

async function killedAt(kind: 'kill' | 'kill-after', at: number): Promise<boolean> {
  const scene = await createForgeScene(pair)
  pair.forge.inject([{ kind, at }])
  const end = await publishPageInChild(scene.order)
  assertForgeOrder(await sightOf(scene))
  pair.forge.inject([])
  await carryOutPage(scene.order)
  assert.equal(await sightOf(scene), calm.sight, `${kind} at ${at}`)
  assertUploadedOnce(scene)
  return end === 'SIGKILL'
}

for (const [index, kind] of (['kill', 'kill-after'] as const).entries()) {
  test(`${kind}: the next run ends where an undisturbed one does, and uploads nothing twice`, async () => {
    let tried = 0
    let died = 0
    for (let at = 1 + 3 * index; at <= calm.count; at += every) {
      tried++
      if (await killedAt(kind, at)) died++
    }
    // How many requests a run needs varies by one or two with the order in which answers come.
    assert.ok(tried > 2 && died >= tried - 2, `${died} of ${tried} died`)
  })
}

test.run()
