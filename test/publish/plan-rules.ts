// The library's own door: `publish()` holds the names of a plan to the planner's rules.
import type { WaybillError } from '@waybill/core'
import { planPublish, publish } from '@waybill/publish'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createImage } from '../helpers/destination.ts'
import { lockFolder, pair, release } from '../helpers/release.ts'

const test = suite('rules of a plan')

test('holds the names of a plan to its naming, whoever made it', async () => {
  const { hub } = pair()
  const to = { hub }
  const content = createImage('a')
  const plan = await planPublish(release('1.0.0'), content, { to })
  const there = plan.destinations[hub.name]!
  const { immutable, rolling } = there
  const seen = plan.observed[hub.name]!
  const edited: readonly (readonly [object, RegExp])[] = [
    [
      { immutable: [...immutable, '9.9.9'] },
      /immutable has 9\.9\.9, which is not a name of 1\.0\.0/,
    ],
    [{ immutable: ['1.0.0'] }, /immutable has no sha-1a2b3c4/],
    [{ immutable: [], rolling: ['latest'] }, /immutable has no 1\.0\.0/],
    [{ rolling: [...rolling, 'v2.0.0'] }, /v2\.0\.0/],
    [{ rolling: [...rolling, 'cli-2.0.0'] }, /cli-2\.0\.0/],
    [{ rolling: [...rolling, '2'] }, /rolling has 2,/],
    [{ rolling: [...rolling, 'edge'] }, /rolling has edge/],
    [{ rolling: [...rolling, '1.0.0'] }, /1\.0\.0/],
    [{ rolling: [...rolling, 'sha-0000000'] }, /sha-0000000/],
    [{ immutable: [...immutable, 'latest'], rolling: [] }, /immutable has latest/],
    [{ rolling: [...rolling, 'latest'] }, /"latest" twice/],
    [{ immutable: [...immutable, '../x'] }, /is not a tag/],
    [{ digests: { latest: `sha256:${'0'.repeat(64)}` } }, /latest|digests/],
  ]
  for (const [change, said] of edited) {
    const own = { ...there, ...change }
    const observed = {
      [hub.name]: Object.fromEntries(
        [...own.immutable, ...own.rolling].map((name) => [name, seen[name] ?? 'absent']),
      ),
    }
    const other = { ...plan, observed, destinations: { [hub.name]: own } } as typeof plan
    const work = publish(other, { content, to, lockFolder })
    const error = await work.then(
      () => undefined,
      (thrown: WaybillError) => thrown,
    )
    assert.match(
      error?.code ?? 'taken',
      /^ERR_(?:INVALID_PLAN|PLAN_MISMATCH)$/,
      JSON.stringify(change),
    )
    assert.match(error!.message, said)
  }
  assert.is(hub.content.size, 0)
  const fewer = { ...there, rolling: ['latest'] }
  const { 1: _one, '1.0': _minor, ...observed } = seen
  const kept = { ...plan, destinations: { [hub.name]: fewer }, observed: { [hub.name]: observed } }
  await publish(kept, { content, to, lockFolder })
  assert.equal([...hub.tags.keys()].toSorted(), ['1.0.0', 'latest', 'sha-1a2b3c4'])
})

test.run()
