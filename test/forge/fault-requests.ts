// Every fault the forge knows, at every request: the run ends well all the same, or the next one does.
import { isWaybillError } from '@waybill/core'
import { startRegistry } from '@waybill/testkit'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { carryOutPage } from '../helpers/forge-child.ts'
import {
  assertForgeOrder,
  assertUploadedOnce,
  createForgeScene,
  sightOf,
} from '../helpers/forge-scenes.ts'
import { startHeldForge } from '../helpers/github-contract.ts'
import type { Kind } from '../helpers/kill-requests.ts'

const test = suite('githubRelease, with a fault at every request')
const every = process.env['WAYBILL_FULL'] === '1' ? 1 : 11
const pair = { forge: await startHeldForge(), registry: await startRegistry() }
test.after(async () => {
  await pair.registry.close()
  await pair.forge.close()
})

const kinds: readonly Kind[] = [
  'drop',
  'lose',
  'sever',
  'truncate',
  'corrupt',
  '401',
  '403',
  '404',
  '422',
  '429',
  '500',
  '502',
]

async function undisturbed() {
  const scene = await createForgeScene(pair)
  await carryOutPage(scene.order)
  return { count: pair.forge.requests.length - scene.from, sight: await sightOf(scene) }
}

const calm = await undisturbed()

async function endsWell(kind: Kind, at: number): Promise<boolean> {
  const scene = await createForgeScene(pair)
  pair.forge.inject([{ kind, at }])
  let failure: unknown
  await carryOutPage(scene.order).catch((error: unknown) => (failure = error))
  const where = `${kind} at ${at}: ${String(failure)}`
  const sight = await sightOf(scene)
  if (kind !== 'corrupt') assertForgeOrder(sight)
  pair.forge.inject([])
  if (failure === undefined) assert.equal(sight, calm.sight, where)
  else assert.ok(isWaybillError(failure), where)
  await carryOutPage(scene.order)
  assert.equal(await sightOf(scene), calm.sight, where)
  // What was answered with another digest was taken away and sent again.
  if (kind !== 'corrupt') assertUploadedOnce(scene)
  return failure === undefined
}

for (const [index, kind] of kinds.entries()) {
  test(`${kind}: ends where an undisturbed run does, at once or with the next`, async () => {
    for (let at = 1 + (index % every); at <= calm.count; at += every) await endsWell(kind, at)
  })
}

test.run()
