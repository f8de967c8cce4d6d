// A publish that dies at each of its calls, and at each answer; then the next one finishes it, with the journal and without.
import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import { WaybillError } from '@waybill/core'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type Call, type TestDestination, type Watch } from '../helpers/destination.ts'
import { folder, once, pair, tagsOf, type Pair } from '../helpers/release.ts'

const test = suite('publish, killed at every call')

const every = process.env['WAYBILL_FULL'] === '1' ? 1 : 3

const isRolling = (name: string): boolean => /^(?:\d+(?:\.\d+)?|latest)$/.test(name)

/** Fails when a rolling name can be seen whose version can't be seen yet, at any destination. */
function assertOrder(both: Pair, version: string, digest: string): void {
  const all = [both.hub, both.ghcr]
  const rolled = all.some(({ tags }) =>
    [...tags].some(([name, at]) => isRolling(name) && at === digest),
  )
  if (rolled)
    for (const { name, tags } of all) assert.is(tags.get(version), digest, `${version} at ${name}`)
}

function assertWrittenOnce({ name, writes }: TestDestination): void {
  const twice = writes.find((write, index) => writes.indexOf(write) !== index)
  assert.is(twice, undefined, `${name} was written twice: ${twice}`)
}

/** Counts calls over all destinations and dies at one; a dead process asks nothing more. */
function dieAt(both: Pair, at: number, side: keyof Watch): () => number {
  let calls = 0
  let dead = false
  let victim: Call | undefined
  const die = (): never => {
    dead = true
    throw new WaybillError('ERR_NETWORK', 'killed')
  }
  const before = (call: Call): void => {
    if (dead) die()
    if (++calls === at) victim = call
    if (call === victim && side === 'before') die()
  }
  const after = (call: Call): void => {
    if (dead || (call === victim && side === 'after')) die()
  }
  for (const destination of [both.hub, both.ghcr]) destination.watch = { before, after }
  return () => calls
}

async function started(): Promise<Pair> {
  const both = pair()
  await once('1.0.0', { ...both })
  for (const { writes } of [both.hub, both.ghcr]) writes.length = 0
  return both
}

async function callsOfOne(): Promise<number> {
  const both = await started()
  const count = dieAt(both, 0, 'before')
  await once('1.0.1', { ...both })
  return count()
}

for (const side of ['before', 'after'] as const) {
  for (const journaled of [true, false]) {
    test(`dying ${side} it takes effect, ${journaled ? 'with' : 'without'} a journal, the next run ends where an undisturbed one does`, async () => {
      const expected = await started()
      await once('1.0.1', { ...expected })
      const digest = expected.hub.tags.get('1.0.1')!
      const calls = await callsOfOne()
      assert.ok(calls > 40, `${calls}`)
      for (let at = 1; at <= calls; at += every) {
        const both = await started()
        const journal = journaled ? mkdtempSync(join(folder, 'journal-')) : undefined
        const options = journal === undefined ? {} : { journal }
        dieAt(both, at, side)
        await once('1.0.1', { ...both }, options).then(
          () => assert.ok(at === calls && side === 'after', `call ${at} did not die`),
          () => {},
        )
        assertOrder(both, '1.0.1', digest)
        for (const destination of [both.hub, both.ghcr]) destination.watch = {}
        await once('1.0.1', { ...both }, options)
        assert.equal(tagsOf(both.hub), tagsOf(expected.hub), `call ${at}`)
        assert.equal(tagsOf(both.ghcr), tagsOf(expected.ghcr), `call ${at}`)
        for (const destination of [both.hub, both.ghcr]) assertWrittenOnce(destination)
      }
    })
  }
}

test('failing once at each call, the same run or the next ends where an undisturbed one does', async () => {
  const expected = await started()
  await once('1.0.1', { ...expected })
  const calls = await callsOfOne()
  for (let at = 1; at <= calls; at += every) {
    const both = await started()
    const before = tagsOf(both.hub)
    let seen = 0
    const fail = (): void => {
      if (++seen === at) throw new WaybillError('ERR_NETWORK', 'no answer', { outcome: 'unknown' })
    }
    for (const destination of [both.hub, both.ghcr]) destination.watch = { before: fail }
    const failed = await once('1.0.1', { ...both }).then(
      () => false,
      () => true,
    )
    assert.ok(failed, `call ${at}`)
    // Either all rolling names are where they were, or all have moved: reading back comes last.
    const rolling = [both.hub, both.ghcr].flatMap(({ tags }) =>
      [...tags].filter(([name]) => isRolling(name)),
    )
    const moved = rolling.filter(([name, digest]) => digest !== before[name]).length
    assert.ok(moved === 0 || moved === 6, `call ${at}: ${moved} of 6 rolling names moved`)
    await once('1.0.1', { ...both })
    assert.equal(tagsOf(both.hub), tagsOf(expected.hub), `call ${at}`)
    assert.equal(tagsOf(both.ghcr), tagsOf(expected.ghcr), `call ${at}`)
  }
})

test.run()
