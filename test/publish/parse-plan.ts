import { planDigest, type PublishPlan } from '@waybill/core'
import { parsePlan, planPublish, publish } from '@waybill/publish'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createImage } from '../helpers/destination.ts'
import { rejects } from '../helpers/rejects.ts'
import { lockFolder, pair, release } from '../helpers/release.ts'

const test = suite('parsePlan')

async function planned(): Promise<PublishPlan> {
  const { hub, ghcr } = pair()
  const plan = await planPublish(release('1.0.0'), createImage('a'), { to: { hub, ghcr } })
  return JSON.parse(JSON.stringify(plan)) as PublishPlan
}

/** As the command line writes it: with its digest. */
const withDigest = (plan: unknown): string =>
  plan === null || Array.isArray(plan)
    ? JSON.stringify(plan)
    : JSON.stringify({ ...(plan as object), digest: planDigest(plan as PublishPlan) })

test('reads what was written: the same plan, to be published', async () => {
  const written = await planned()
  const plan = parsePlan(withDigest(written), 'plan.json')
  assert.equal(plan, written)
  const { hub, ghcr } = pair()
  const { results } = await publish(plan, {
    content: createImage('a'),
    to: { hub, ghcr },
    lockFolder,
  })
  assert.is(results.length, 10)
})

test('holds a plan to the digest that was printed with it', async () => {
  const plan = await planned()
  const digest = planDigest(plan)
  const release = { ...plan.release!, created: 7 }
  const changed = JSON.stringify({ ...plan, release, digest })
  const error = await rejects(() => parsePlan(changed, 'p.json'), 'ERR_PLAN_MISMATCH')
  assert.is(error.details['expected'], digest)
})

test('a plan without its digest is refused, unless the call brings the one that was approved', async () => {
  const plan = await planned()
  const text = JSON.stringify(plan)
  const error = await rejects(() => parsePlan(text, 'p.json'), 'ERR_INVALID_PLAN')
  assert.match(error.message, 'digest is missing')
  assert.equal(parsePlan(text, 'p.json', { planDigest: planDigest(plan) }), plan)
  const other = { planDigest: `sha256:${'0'.repeat(64)}` }
  await rejects(() => parsePlan(text, 'p.json', other), 'ERR_PLAN_MISMATCH')
  await rejects(() => parsePlan(withDigest(plan), 'p.json', other), 'ERR_PLAN_MISMATCH')
})

test('refuses what is no plan, naming the field', async () => {
  const plan = await planned()
  const [name] = Object.keys(plan.destinations)
  const wrong: readonly (readonly [unknown, RegExp | string])[] = [
    [[], 'expected an object'],
    [null, 'expected an object'],
    [{ ...plan, schemaVersion: 2 }, 'schemaVersion is 2'],
    [{ ...plan, subject: { digest: 'sha256:1' } }, 'subject.mediaType is missing'],
    [{ ...plan, proof: { kind: 'trust me' } }, 'proof'],
    [{ ...plan, artifacts: {} }, 'artifacts'],
    [{ ...plan, naming: { version: 1 } }, 'naming.version is 1, expected a text'],
    [
      { ...plan, naming: { ...plan.naming, rolling: 'latest' } },
      'naming.rolling is "latest", expected a list',
    ],
    [{ ...plan, naming: { ...plan.naming, chanel: 'edge' } }, 'naming.chanel is not a field'],
    [{ ...plan, proof: { kind: 'identity', checked: [null] } }, 'proof.checked[0] is null'],
    [{ ...plan, proof: { kind: 'identity', checked: [] } }, 'proof.checked is empty'],
    [{ ...plan, release: null }, 'release is null'],
    [{ ...plan, naming: undefined }, 'naming is missing'],
    [{ ...plan, destinations: {} }, 'destinations is empty'],
    [{ ...plan, observed: { a: { b: 'there' } } }, 'observed'],
    [{ ...plan, destinations: { [name!]: { ...plan.destinations[name!], rolling: [1] } } }, name!],
    [
      { ...plan, destinations: { [name!]: { ...plan.destinations[name!], digest: 'latest' } } },
      name!,
    ],
  ]
  const naming = (names: object): object => ({
    ...plan,
    destinations: { [name!]: { ...plan.destinations[name!], ...names } },
  })
  const names: readonly (readonly [object, RegExp | string])[] = [
    [naming({ immutable: ['../../victim/manifests/1.0.0'] }), 'which is not a tag'],
    [naming({ rolling: ['latest', 'a b'] }), '"a b", which is not a tag'],
    [naming({ rolling: ['latest', '0.9.0'] }), 'moves 0.9.0, which is written once'],
    [naming({ rolling: ['1.0.0-rc.1'] }), 'moves 1.0.0-rc.1'],
    [naming({ rolling: ['sha-5c1a7e0'] }), 'moves sha-5c1a7e0'],
    [{ ...naming({ rolling: ['v1.0.0'] }), naming: { ...plan.naming, tagPrefix: 'v' } }, 'v1.0.0'],
    [naming({ immutable: ['1.0.0', '9.9.9'] }), 'immutable has no sha-1a2b3c4'],
    [
      naming({ immutable: ['1.0.0', 'sha-1a2b3c4', '9.9.9'] }),
      'immutable has 9.9.9, which is not a name of 1.0.0',
    ],
    [naming({ rolling: ['v2.0.0'] }), 'rolling has v2.0.0, which 1.0.0 does not move'],
    [naming({ rolling: ['latest', 'cli-2.0.0'] }), 'cli-2.0.0'],
    [naming({ rolling: ['2'] }), 'rolling has 2,'],
    [naming({ digests: { latest: `sha256:${'0'.repeat(64)}` } }), 'digests is there'],
  ]
  for (const [value, said] of [...wrong, ...names]) {
    const error = await rejects(() => parsePlan(withDigest(value), 'p.json'), 'ERR_INVALID_PLAN')
    assert.match(error.message, said)
    assert.is(error.outcome, 'usage')
  }
  const cut = await rejects(
    () => parsePlan(JSON.stringify(plan).slice(0, 300), 'p.json'),
    'ERR_INVALID_JSON',
  )
  assert.is(cut.outcome, 'usage')
  assert.match(cut.hint ?? '', 'write it anew')
})

test.run()
