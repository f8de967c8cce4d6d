// Laying layers upon each other. Folders are remembered by their paths as members write them: members that write each of their paths in a way of its own
// (./usr/bin, ././usr/bin …), so that nothing can be remembered, must give the same files, or the same error.
import type { TarInput } from '@waybill/archive'
import { isWaybillError } from '@waybill/core'
import { drift } from '@waybill/image'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { contentOf, hostileTar } from '../helpers/images.ts'
import { createRandom } from '../helpers/mutate.ts'

const test = suite('files of layers')
const TIMES = process.env['WAYBILL_FULL'] === '1' ? 20_000 : 600

const random = createRandom(7)
const pick = <Item>(items: readonly Item[]): Item => items[random(items.length)]!

const NAMES = ['a', 'b', 'c'] as const
const path = (): string => Array.from({ length: 1 + random(3) }, () => pick(NAMES)).join('/')

function member(): TarInput {
  const at = path()
  const kind = random(10)
  if (kind < 4) return { path: at, type: 'file', mode: 0o600 + random(64) }
  if (kind < 7) return { path: at, type: 'directory', mode: 0o700 + random(64) }
  if (kind === 7) return { path: at, type: 'symlink', linkname: pick([path(), `/${path()}`]) }
  const name = kind === 8 ? `.wh.${pick(NAMES)}` : '.wh..wh..opq'
  return { path: random(3) === 0 ? name : `${at}/${name}`, type: 'file' }
}

type Layers = readonly (readonly TarInput[])[]

const layers = (): Layers =>
  Array.from({ length: 1 + random(3) }, () => Array.from({ length: 1 + random(9) }, member))

// No path begins like another one.
function distinct(all: Layers): Layers {
  let count = 0
  return all.map((members) =>
    members.map((one) => ({ ...one, path: `${'+/'.repeat(++count)}${one.path}` })),
  )
}

const imageOf = async (all: Layers) =>
  contentOf([{ platform: 'linux/amd64', layers: await Promise.all(all.map(hostileTar)) }])

/** What differs from an image without files: all that is there; or why it cannot be told. */
async function filesOf(all: Layers): Promise<string> {
  const nothing = await imageOf([[]])
  try {
    const { checked, findings } = await drift(nothing, await imageOf(all))
    return JSON.stringify({ checked, findings })
  } catch (error) {
    if (!isWaybillError(error, 'ERR_INVALID_LAYER')) throw error
    return error.message.replaceAll('./', '').replace(/sha256:[0-9a-f]+/, '')
  }
}

test(`${TIMES} images of odd layers, their folders remembered and not`, async () => {
  let told = 0
  for (let count = 0; count < TIMES; count++) {
    const all = layers()
    const [remembered, not] = [await imageOf(all), await imageOf(distinct(all))]
    const found = await filesOf(all)
    assert.is(found, await filesOf(distinct(all)), JSON.stringify(all))
    if (!found.startsWith('{')) continue
    told++
    const { findings } = await drift(remembered, not)
    assert.equal(findings, [], JSON.stringify(all))
  }
  assert.ok(told > TIMES / 4, `${told} could be told`)
})

test.run()
