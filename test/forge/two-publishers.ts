// Two publishers who share no lock, as on two machines: both end well, and one release stands.
import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { isWaybillError } from '@waybill/core'
import { startRegistry } from '@waybill/testkit'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { closingAfter } from '../helpers/closing.ts'
import { publishPage, releasesOf } from '../helpers/forge.ts'
import { carryOutPage } from '../helpers/forge-child.ts'
import {
  assertForgeOrder,
  createForgeScene,
  publishPageInChild,
  sightOf,
} from '../helpers/forge-scenes.ts'
import { startHeldForge } from '../helpers/github-contract.ts'
import { folder } from '../helpers/release.ts'

const test = suite('githubRelease, two publishers at once')
const closing = closingAfter(test)
const locks = (): string => mkdtempSync(join(folder, 'locks-'))

test('of the same release, on two machines: one whole release, one draft at no time left over', async () => {
  const pair = { forge: await closing(startHeldForge()), registry: await closing(startRegistry()) }
  for (let round = 0; round < 4; round++) {
    const scene = await createForgeScene(pair)
    const both = [1, 2].map(() => publishPageInChild({ ...scene.order, lockFolder: locks() }))
    await Promise.all(both)
    await carryOutPage(scene.order)
    const sight = await sightOf(scene)
    assertForgeOrder(sight)
    assert.equal(
      sight.releases.map((text) => text.split('\n').slice(2, 3).join()),
      ['published', 'published'],
    )
    assert.is(sight.latest, 'scim-v1.0.1')
  }
})

test('of the same version with other files: nobody’s bytes are replaced, whoever comes second stops and names both', async () => {
  const forge = await closing(startHeldForge())
  await publishPage(forge, '0.9.0')
  const settled = await Promise.allSettled(
    ['one', 'two'].map((seed) => publishPage(forge, '1.0.0', { seed })),
  )
  const lost = settled.flatMap((end) => (end.status === 'rejected' ? [end.reason as unknown] : []))
  assert.is(lost.length, 1)
  assert.ok(isWaybillError(lost[0], 'ERR_IMMUTABLE_TAG'), String(lost[0]))
  const [, one, ...more] = releasesOf(forge)
  assert.equal(more, [])
  assert.is(one!.assets.length, 3)
})

test.run()
