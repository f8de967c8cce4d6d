import { planDigest, type PublishPlan } from '@waybill/core'
import { parsePlan, planPublish, publish } from '@waybill/publish'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createImage } from '../helpers/destination.ts'
import { rejects } from '../helpers/rejects.ts'
import { lockFolder, pair, release } from '../helpers/release.ts'

const test = suite('parsePlan')

async function written(): Promise<string> {
  const { hub, ghcr } = pair()
  return JSON.stringify(
    await planPublish(release('1.0.0'), createImage('a'), { to: { hub, ghcr } }),
  )
}

test('reads what was written: the same plan, to be published', async () => {
  const text = await written()
  const plan = parsePlan(text, 'plan.json')
  assert.is(planDigest(plan), planDigest(JSON.parse(text)))
  const { hub, ghcr } = pair()
  const { results } = await publish(plan, {
    content: createImage('a'),
    to: { hub, ghcr },
    lockFolder,
  })
  assert.is(results.length, 10)
})

test('holds a plan to the digest that was printed with it', async () => {
  const text = await written()
  const plan = JSON.parse(text) as PublishPlan
  const digest = planDigest(plan)
  assert.is(planDigest(parsePlan(JSON.stringify({ ...plan, digest }), 'p.json')), digest)
  const naming = { ...plan.naming, version: '2.0.0' }
  const changed = parsePlan.bind(undefined, JSON.stringify({ ...plan, naming, digest }), 'p.json')
  const error = await rejects(changed, 'ERR_PLAN_MISMATCH')
  assert.is(error.details['expected'], digest)
})

test('refuses what is no plan, naming the field', async () => {
  const plan = JSON.parse(await written())
  const [name] = Object.keys(plan.destinations)
  const wrong: readonly (readonly [unknown, RegExp | string])[] = [
    [[], 'expected an object'],
    [null, 'expected an object'],
    [{ ...plan, schemaVersion: 2 }, 'schemaVersion is 2'],
    [{ ...plan, subject: { digest: 'sha256:1' } }, 'subject'],
    [{ ...plan, proof: { kind: 'trust me' } }, 'proof'],
    [{ ...plan, artifacts: {} }, 'artifacts'],
    [{ ...plan, naming: { version: 1 } }, 'naming has no version'],
    [{ ...plan, naming: { ...plan.naming, rolling: 'latest' } }, 'a wrong field'],
    [{ ...plan, naming: { ...plan.naming, chanel: 'edge' } }, 'a wrong field'],
    [{ ...plan, proof: { kind: 'identity', checked: [null] } }, 'proof'],
    [{ ...plan, release: null }, 'release has no version'],
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
    [naming({ immutable: ['../../victim/manifests/1.0.0'] }), 'which is no tag'],
    [naming({ rolling: ['latest', 'a b'] }), '"a b", which is no tag'],
    [naming({ rolling: ['latest', '0.9.0'] }), 'moves 0.9.0, which is written once'],
    [naming({ rolling: ['1.0.0-rc.1'] }), 'moves 1.0.0-rc.1'],
    [naming({ rolling: ['sha-5c1a7e0'] }), 'moves sha-5c1a7e0'],
    [{ ...naming({ rolling: ['v1.0.0'] }), naming: { ...plan.naming, tagPrefix: 'v' } }, 'v1.0.0'],
  ]
  for (const [value, said] of [...wrong, ...names]) {
    const error = await rejects(
      () => parsePlan(JSON.stringify(value), 'p.json'),
      'ERR_INVALID_PLAN',
    )
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
