import { setTimeout } from 'node:timers/promises'
import { planDigest, WaybillError } from '@waybill/core'
import { planPublish, publish } from '@waybill/publish'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createImage, type Call } from '../helpers/destination.ts'
import { rejects } from '../helpers/rejects.ts'
import { commitOf, digestOf, lockFolder, once, pair, release, tagsOf } from '../helpers/release.ts'

const test = suite('publish')

test('ends with every name at one digest, everywhere', async () => {
  const { hub, ghcr } = pair()
  const receipt = await once('1.2.3', { hub, ghcr })
  const digest = digestOf('1.2.3')
  for (const { tags } of [hub, ghcr]) {
    assert.equal([...tags.keys()].toSorted(), [
      '1',
      '1.2',
      '1.2.3',
      'latest',
      `sha-${commitOf('1.2.3').slice(0, 7)}`,
    ])
    assert.ok([...tags.values()].every((found) => found === digest))
  }
  assert.is(receipt.results.length, 10)
  assert.ok(receipt.results.every(({ outcome }) => outcome === 'applied'))
  assert.is(receipt.waived, 'a test of publishing')
})

test('a second run writes nothing and says so', async () => {
  const { hub, ghcr } = pair()
  await once('1.2.3', { hub, ghcr })
  const before = [...hub.writes, ...ghcr.writes]
  const receipt = await once('1.2.3', { hub, ghcr })
  assert.equal([...hub.writes, ...ghcr.writes], before)
  assert.ok(receipt.results.every(({ outcome }) => outcome === 'unchanged'))
})

test('writes content, then immutable names, then hooks, then rolling names: each everywhere before the next anywhere', async () => {
  const { hub, ghcr } = pair()
  const order: string[] = []
  const after = ({ method, name = '' }: Call): void => {
    if (method === 'put' || method === 'check') order.push(method)
    if (method === 'set') order.push(/\d\.\d\.\d|sha-/.test(name) ? 'immutable' : 'rolling')
  }
  hub.watch = { after }
  ghcr.watch = { after }
  const content = createImage('a')
  const to = { hub, ghcr }
  const plan = await planPublish(release('1.0.0'), content, { to })
  const images: string[] = []
  await publish(plan, {
    content,
    to,
    lockFolder,
    beforeRolling: (published) => {
      order.push('hook')
      images.push(...published.images)
    },
  })
  const phases = order.map((word) => ['put', 'check', 'immutable', 'hook', 'rolling'].indexOf(word))
  assert.equal(phases.slice(4), phases.slice(4).toSorted())
  assert.equal(order.slice(4), [
    ...Array.from({ length: 4 }, () => 'immutable'),
    'hook',
    ...Array.from({ length: 6 }, () => 'rolling'),
  ])
  const { digest } = content.content.subject
  assert.equal(images, [`docker.io/acme/scim@${digest}`, `ghcr.io/acme/scim@${digest}`])
})

test('refuses an image that was not proved', async () => {
  const { hub } = pair()
  const image = { content: createImage('a').content } as never
  await rejects(planPublish(release('1.0.0'), image, { to: { hub } }), 'ERR_UNPROVEN')
})

test('refuses fewer destinations than the plan names', async () => {
  const { hub, ghcr } = pair()
  const content = createImage('a')
  const plan = await planPublish(release('1.0.0'), content, { to: { hub, ghcr } })
  // @ts-expect-error ghcr is missing
  const to: Parameters<typeof publish<'hub' | 'ghcr'>>[1]['to'] = { hub }
  const error = await rejects(publish(plan, { content, to, lockFolder }), 'ERR_DESTINATION_MISSING')
  assert.match(error.message, 'ghcr.io/acme/scim')
  assert.is(error.outcome, 'usage')
})

test('says which destination is not in the plan', async () => {
  const { hub, ghcr } = pair()
  const content = createImage('a')
  const plan = await planPublish(release('1.0.0'), content, { to: { hub } })
  const both = { hub, ghcr }
  const { findings } = await publish(plan, { content, to: both, lockFolder })
  assert.is(findings[0]?.code, 'destination-not-planned')
  assert.is(ghcr.tags.size, 0)
})

test('refuses other content than the plan names, and another plan than was approved', async () => {
  const { hub } = pair()
  const to = { hub }
  const plan = await planPublish(release('1.0.0'), createImage('a'), { to })
  await rejects(publish(plan, { content: createImage('b'), to, lockFolder }), 'ERR_PLAN_MISMATCH')
  const options = {
    content: createImage('a'),
    to,
    lockFolder,
    planDigest: `sha256:${'0'.repeat(64)}`,
  }
  await rejects(publish(plan, options), 'ERR_PLAN_MISMATCH')
  assert.is(hub.tags.size, 0)
})

test('refuses a plan whose digests or proof are not those of the content', async () => {
  const { hub } = pair()
  const to = { hub }
  const content = createImage('a')
  const plan = await planPublish(release('1.0.0'), content, { to })
  const there = plan.destinations[hub.name]!
  const digest = createImage('b').content.subject.digest
  const check = { platform: 'linux/amd64', path: '/x', image: digest, released: digest }
  const artifact = { kind: 'archive' as const, name: 'x.zip', path: 'x.zip', digest, size: 1 }
  const edited = [
    { ...plan, destinations: { [hub.name]: { ...there, digest } } },
    { ...plan, proof: { kind: 'identity' as const, checked: [check] } },
    { ...plan, artifacts: [artifact] },
    { ...plan, proof: { kind: 'waived' as const, reason: 'another' } },
  ]
  for (const other of edited)
    await rejects(publish(other, { content, to, lockFolder }), 'ERR_PLAN_MISMATCH')
  assert.is(hub.content.size, 0)
})

test('an immutable name with other content stops the plan before anything is written', async () => {
  const { hub, ghcr } = pair()
  await once('1.0.0', { ghcr }, { seed: 'a' })
  const before = tagsOf(ghcr)
  const error = await rejects(once('1.0.0', { hub, ghcr }, { seed: 'b' }), 'ERR_IMMUTABLE_TAG')
  assert.match(error.message, `wanted ${digestOf('b')}`)
  assert.match(error.message, `found ${digestOf('a')}`)
  assert.is(hub.content.size, 0)
  assert.equal(tagsOf(ghcr), before)
})

test('an immutable name taken after the plan was made names all three values', async () => {
  const { hub, ghcr } = pair()
  const to = { hub, ghcr }
  const content = createImage('a')
  const plan = await planPublish(release('1.0.0'), content, { to })
  await once('1.0.0', { ghcr }, { seed: 'b' })
  const error = await rejects(publish(plan, { content, to, lockFolder }), 'ERR_IMMUTABLE_TAG')
  assert.match(error.message, 'the plan saw absent')
  assert.is(hub.content.size, 0)
})

test('a rolling name moved after the plan was made stops it', async () => {
  const { hub, ghcr } = pair()
  const to = { hub, ghcr }
  const content = createImage('a')
  const plan = await planPublish(release('1.0.0'), content, { to })
  ghcr.tags.set('latest', `sha256:${'f'.repeat(64)}`)
  const error = await rejects(publish(plan, { content, to, lockFolder }), 'ERR_STALE_PLAN')
  assert.match(error.message, `the plan saw absent, found sha256:${'f'.repeat(64)}`)
  assert.is(hub.content.size, 0)
})

test('a higher version that came after the plan was made stops it, though its rolling names have not moved yet', async () => {
  const { hub, ghcr } = pair()
  const to = { hub, ghcr }
  const content = createImage('a')
  const plan = await planPublish(release('1.0.0'), content, { to })
  ghcr.tags.set('1.1.0', `sha256:${'f'.repeat(64)}`)
  const error = await rejects(publish(plan, { content, to, lockFolder }), 'ERR_STALE_PLAN')
  assert.match(error.message, '1.1.0 is higher than 1.0.0')
  assert.is(hub.content.size, 0)
})

test('names are read while the image is still being made, and nothing but read', async () => {
  const { hub, ghcr } = pair()
  await once('1.0.0', { hub, ghcr })
  const calls: Call[] = []
  for (const one of [hub, ghcr]) one.watch = { before: (call) => void calls.push(call) }
  const image = setTimeout(20).then(() => {
    const early = new Set(calls.map(({ method }) => method))
    assert.equal([...early].toSorted(), ['names', 'observe'])
    return createImage('1.0.1')
  })
  const plan = await planPublish(release('1.0.1'), image, { to: { hub, ghcr } })
  const whole = await planPublish(release('1.0.1'), createImage('1.0.1'), { to: { hub, ghcr } })
  assert.equal(plan, whole)
})

test('what is wrong with the image is told, whatever the destinations say', async () => {
  const { hub } = pair()
  hub.watch = {
    before() {
      throw new WaybillError('ERR_UNKNOWN_STATE', 'cannot be asked')
    },
  }
  const failed = Promise.reject(new WaybillError('ERR_NOT_IDENTICAL', 'another program'))
  await rejects(planPublish(release('1.0.0'), failed, { to: { hub } }), 'ERR_NOT_IDENTICAL')
  const wrong = Promise.resolve({ content: createImage('a').content }) as never
  await rejects(planPublish(release('1.0.0'), wrong, { to: { hub } }), 'ERR_UNPROVEN')
})

/** What a destination is asked while 1.0.1 is published after 1.0.0; a name may be moved between planning and publishing. */
async function callsOf({
  justPlanned,
  move,
}: {
  readonly justPlanned?: boolean
  readonly move?: string
}): Promise<string[]> {
  const { hub } = pair()
  await once('1.0.0', { hub })
  const content = createImage('1.0.1')
  const plan = await planPublish(release('1.0.1'), content, { to: { hub } })
  if (move !== undefined) hub.tags.set(move, `sha256:${'f'.repeat(64)}`)
  const seen: string[] = []
  hub.watch = { before: ({ method, name }) => void seen.push(`${method} ${name ?? ''}`) }
  await publish(plan, { content, to: { hub }, lockFolder, justPlanned })
  return seen
}

test('a plan that was made a moment ago spares the first look, and no look before a write', async () => {
  const [sparing, whole] = [await callsOf({ justPlanned: true }), await callsOf({})]
  for (const name of ['1.0.1', 'latest']) {
    const isLook = (call: string): boolean => call === `observe ${name}`
    assert.is(sparing.filter(isLook).length, whole.filter(isLook).length - 1, name)
  }
  assert.ok(sparing.indexOf('observe latest') < sparing.indexOf('set latest'))
  await rejects(callsOf({ justPlanned: true, move: 'latest' }), 'ERR_STALE_PLAN')
})

test('damaged content is found before anything is written', async () => {
  const { hub } = pair()
  const to = { hub }
  const damaged = createImage('a').content.blobs[1]!.descriptor.digest
  const content = createImage('a', ({ digest }) => {
    if (digest === damaged)
      throw new WaybillError('ERR_DIGEST_MISMATCH', `blobs/${damaged}: found another`)
  })
  const plan = await planPublish(release('1.0.0'), content, { to })
  const calls: Call[] = []
  hub.watch = { before: (call) => void calls.push(call) }
  await rejects(publish(plan, { content, to, lockFolder }), 'ERR_DIGEST_MISMATCH')
  const writes = calls.filter(({ method }) => ['put', 'set', 'restore'].includes(method))
  assert.equal(writes, [])
  assert.equal([hub.content.size, hub.tags.size], [0, 0])
})

test('a foreign digest found at the end is named, and nothing is moved', async () => {
  const { hub, ghcr } = pair()
  hub.watch = {
    after({ method, name }) {
      if (method === 'set' && name === 'latest') hub.tags.set('1.0.0', `sha256:${'f'.repeat(64)}`)
    },
  }
  const error = await rejects(once('1.0.0', { hub, ghcr }), 'ERR_READ_BACK')
  assert.match(error.message, `read back as sha256:${'f'.repeat(64)}`)
  assert.is(ghcr.tags.get('latest'), digestOf('1.0.0'))
})

test("the plan's digest covers what shall be and leaves out what was observed", async () => {
  const { hub, ghcr } = pair()
  const to = { hub, ghcr }
  const before = await planPublish(release('1.0.0'), createImage('a'), { to })
  await publish(before, { content: createImage('a'), to, lockFolder })
  const after = await planPublish(release('1.0.0'), createImage('a'), { to })
  assert.is.not(JSON.stringify(before.observed), JSON.stringify(after.observed))
  assert.is(planDigest(before), planDigest(after))
  assert.is(planDigest(before), planDigest(JSON.parse(JSON.stringify(before))))
})

test.run()
