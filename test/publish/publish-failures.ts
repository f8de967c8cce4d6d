import { setTimeout } from 'node:timers/promises'
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { WaybillError } from '@waybill/core'
import { planPublish, publish } from '@waybill/publish'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { createDestination, createImage, type Call } from '../helpers/destination.ts'
import { rejects } from '../helpers/rejects.ts'
import {
  digestOf,
  failAt,
  folder,
  kill,
  lockFolder,
  once,
  pair,
  release,
  tagsOf,
} from '../helpers/release.ts'

const test = suite('publish, when something fails')

test('unknown is not absent: nothing is written when a name cannot be read', async () => {
  const { hub, ghcr } = pair()
  failAt(ghcr, ({ method, name }) => method === 'observe' && name === '1.0.0')
  const error = await rejects(once('1.0.0', { hub, ghcr }), 'ERR_NETWORK')
  assert.is(error.outcome, 'unknown')
  assert.is(hub.content.size + hub.tags.size, 0)
})

test('a failure before the immutable names leaves nothing visible anywhere', async () => {
  for (const method of ['put', 'check'] as const) {
    const { hub, ghcr } = pair()
    failAt(ghcr, (call) => call.method === method)
    const error = await rejects(once('1.0.0', { hub, ghcr }), 'ERR_NETWORK')
    assert.match(error.message, 'no name was written')
    assert.is(error.outcome, 'partial')
    assert.is(hub.tags.size + ghcr.tags.size, 0)
  }
})

test('a failure of an immutable name at one destination moves no rolling name at the other', async () => {
  const { hub, ghcr } = pair()
  failAt(ghcr, ({ method }) => method === 'set')
  const error = await rejects(once('1.0.0', { hub, ghcr }), 'ERR_NETWORK')
  assert.is(error.outcome, 'partial')
  assert.not.ok(hub.tags.has('latest'))
  ghcr.watch = {}
  await once('1.0.0', { hub, ghcr })
  assert.equal(tagsOf(hub), tagsOf(ghcr))
})

test('a failure while rolling puts every rolling name back', async () => {
  for (const side of ['before', 'after']) {
    const { hub, ghcr } = pair()
    await once('1.0.0', { hub, ghcr })
    const before = tagsOf(hub)
    failAt(ghcr, ({ method, name }) => method === 'set' && name === 'latest', side)
    const error = await rejects(once('1.0.1', { hub, ghcr }), 'ERR_NETWORK')
    assert.match(error.message, 'put back: docker.io/acme/scim:1, docker.io/acme/scim:1.0')
    for (const name of ['1', '1.0', 'latest']) {
      assert.is(hub.tags.get(name), before[name], `${name} at hub, ${side}`)
      assert.is(ghcr.tags.get(name), before[name], `${name} at ghcr, ${side}`)
    }
    assert.is(hub.tags.get('1.0.1'), digestOf('1.0.1'))
    ghcr.watch = {}
    await once('1.0.1', { hub, ghcr })
    assert.is(hub.tags.get('latest'), digestOf('1.0.1'))
    assert.equal(tagsOf(hub), tagsOf(ghcr))
  }
})

test('what cannot be put back is said', async () => {
  const { hub, ghcr } = pair()
  await once('1.0.0', { hub, ghcr })
  failAt(ghcr, ({ method, name }) => method === 'set' && name === 'latest')
  failAt(hub, ({ method }) => method === 'restore')
  const error = await rejects(once('1.0.1', { hub, ghcr }), 'ERR_NETWORK')
  assert.match(error.message, 'not put back: docker.io/acme/scim:1 (no answer)')
})

test('somebody else who moves a name meanwhile is left alone', async () => {
  const { hub, ghcr } = pair()
  await once('1.0.0', { hub, ghcr })
  const other = `sha256:${'f'.repeat(64)}` as const
  ghcr.watch = {
    async before({ method, name }) {
      if (method !== 'set' || name !== 'latest') return
      while (hub.tags.get('latest') !== digestOf('1.0.1')) await setTimeout(1)
      hub.tags.set('latest', other)
      throw new WaybillError('ERR_NETWORK', 'no answer')
    },
  }
  await rejects(once('1.0.1', { hub, ghcr }), 'ERR_NETWORK')
  assert.is(hub.tags.get('latest'), other)
})

test('an optional destination that fails is a finding, and keeps no rolling name of the release', async () => {
  const stages: ((call: Call) => boolean)[] = [
    ({ method }) => method === 'observe',
    ({ method }) => method === 'names',
    ({ method }) => method === 'preflight',
    ({ method }) => method === 'put',
    ({ method, name }) => method === 'set' && name === '1.0.1',
    ({ method, name }) => method === 'set' && name === 'latest',
  ]
  for (const match of stages) {
    const { hub } = pair()
    const mirror = createDestination('mirror.example/scim', { required: false })
    await once('1.0.0', { hub, mirror })
    failAt(mirror, match)
    const receipt = await once('1.0.1', { hub, mirror })
    assert.is(receipt.findings[0]?.code, 'optional-destination-failed')
    assert.equal([...new Set(receipt.results.map(({ destination }) => destination))], [hub.name])
    assert.is(hub.tags.get('latest'), digestOf('1.0.1'))
    assert.is(mirror.tags.get('latest'), digestOf('1.0.0'))
    mirror.watch = {}
    await once('1.0.1', { hub, mirror })
    assert.equal(tagsOf(hub), tagsOf(mirror))
  }
})

test('a hook that fails moves no rolling name, and runs again', async () => {
  const { hub, ghcr } = pair()
  const to = { hub, ghcr }
  const content = createImage('a')
  const plan = await planPublish(release('1.0.0'), content, { to })
  let runs = 0
  const beforeRolling = (): void => {
    if (++runs === 1) throw new Error('no key')
  }
  const options = { content, to, lockFolder, beforeRolling }
  const error = await rejects(publish(plan, options), 'ERR_HOOK_FAILED')
  assert.match(error.message, 'no key')
  assert.not.ok(hub.tags.has('latest'))
  await publish(plan, options)
  assert.is(runs, 2)
  assert.ok(ghcr.tags.has('latest'))
  await publish(plan, options)
  assert.is(runs, 2)
})

test('with a journal, names that a killed run moved are put back when the next one fails', async () => {
  for (const [journal, expected] of [
    [mkdtempSync(join(folder, 'journal-')), '1.0.0'],
    [undefined, '1.0.1'],
  ] as const) {
    const { hub, ghcr } = pair()
    await once('1.0.0', { hub, ghcr })
    kill(ghcr, ({ method, name }) => method === 'set' && name === 'latest')
    kill(hub, ({ method }) => method === 'restore')
    await once('1.0.1', { hub, ghcr }, { journal: journal! }).catch(() => {})
    assert.is(hub.tags.get('latest'), digestOf('1.0.1'))
    hub.watch = {}
    failAt(ghcr, ({ method, name }) => method === 'set' && name === 'latest')
    await rejects(once('1.0.1', { hub, ghcr }, { journal: journal! }), 'ERR_NETWORK')
    assert.is(hub.tags.get('latest'), digestOf(expected))
    ghcr.watch = {}
    await once('1.0.1', { hub, ghcr }, { journal: journal! })
    assert.equal(tagsOf(hub), tagsOf(ghcr))
    assert.is(hub.tags.get('latest'), digestOf('1.0.1'))
  }
})

test('the journal of several killed runs puts a name back to what it was before the last that moved it', async () => {
  const journal = mkdtempSync(join(folder, 'journal-'))
  const { hub, ghcr } = pair()
  await once('1.0.0', { hub, ghcr })
  await once('1.1.0', { hub, ghcr })
  const killed = async (): Promise<void> => {
    kill(ghcr, ({ method, name }) => method === 'set' && name === 'latest')
    kill(hub, ({ method }) => method === 'restore')
    await once('1.1.1', { hub, ghcr }, { journal }).catch(() => {})
    hub.watch = {}
    ghcr.watch = {}
  }
  await killed()
  // Somebody puts a name back by hand, to something else, and the next run moves it again.
  for (const { tags } of [hub, ghcr]) tags.set('latest', tags.get('1.0.0')!)
  await killed()
  failAt(ghcr, ({ method, name }) => method === 'set' && name === 'latest')
  await rejects(once('1.1.1', { hub, ghcr }, { journal }), 'ERR_NETWORK')
  for (const { tags } of [hub, ghcr]) assert.is(tags.get('latest'), digestOf('1.0.0'))
  assert.is(hub.tags.get('1.1'), digestOf('1.1.0'))
})

test('a name that appears while content is uploaded is not overwritten', async () => {
  for (const [name, code] of [
    ['1.0.1', 'ERR_IMMUTABLE_TAG'],
    ['latest', 'ERR_STALE_PLAN'],
  ] as const) {
    const { hub, ghcr } = pair()
    await once('1.0.0', { hub, ghcr })
    const foreign = `sha256:${'f'.repeat(64)}` as const
    hub.watch = {
      after: ({ method }) => {
        if (method === 'put') hub.tags.set(name, foreign)
      },
    }
    const error = await rejects(once('1.0.1', { hub, ghcr }), code)
    assert.match(error.message, foreign)
    assert.is(hub.tags.get(name), foreign)
    assert.is(ghcr.tags.get('latest'), digestOf('1.0.0'))
  }
})

test('a journal that cannot be written stops before anything is', async () => {
  const file = join(folder, 'a-file')
  writeFileSync(file, '')
  const { hub } = pair()
  await rejects(once('1.0.0', { hub }, { journal: file }), 'ERR_NOT_WRITABLE')
  assert.is(hub.content.size, 0)
})

test('cancelled while rolling, rolling names go back', async () => {
  const { hub, ghcr } = pair()
  await once('1.0.0', { hub, ghcr })
  const before = tagsOf(hub)
  const to = { hub, ghcr }
  const content = createImage('1.0.1')
  const plan = await planPublish(release('1.0.1', 'c'.repeat(40)), content, { to })
  const cancel = new AbortController()
  ghcr.watch = {
    before({ method, name }) {
      if (method === 'set' && name === 'latest') cancel.abort()
      if (cancel.signal.aborted && method === 'set')
        throw new WaybillError('ERR_CANCELLED', 'cancelled')
    },
  }
  const { signal } = cancel
  const error = await rejects(publish(plan, { content, to, lockFolder, signal }), 'ERR_CANCELLED')
  assert.is(error.outcome, 'partial')
  for (const name of ['1', '1.0', 'latest'])
    for (const { tags } of [hub, ghcr]) assert.is(tags.get(name), before[name])
})

test('cancelled before it began, nothing is asked', async () => {
  const { hub } = pair()
  const to = { hub }
  const content = createImage('a')
  const plan = await planPublish(release('1.0.0'), content, { to })
  const signal = AbortSignal.abort()
  await rejects(publish(plan, { content, to, lockFolder, signal }), 'ERR_CANCELLED')
  assert.is(hub.content.size, 0)
})

test('whatever stands in a journal, it does no harm', async () => {
  const journal = mkdtempSync(join(folder, 'journal-'))
  const { hub } = pair()
  await once('1.0.0', { hub }, { journal })
  const file = join(journal, readdirSync(journal)[0]!)
  const strange = [
    'null',
    '[]',
    '7',
    '{',
    '{"event":"moving"}',
    '{"event":"moving","names":[null,1,{}]}',
    `{"event":"moving","names":[{"destination":"${hub.name}","name":"latest","digest":"sha256:1"}]}`,
    '{"event":"moving","names":{"length":1}}',
    '\u0000\uffff',
    '{"__proto__":{"event":"done"}}',
  ]
  writeFileSync(file, strange.join('\n'))
  hub.tags.delete('latest')
  failAt(hub, ({ method, name }) => method === 'set' && name === 'latest', 'after')
  await rejects(once('1.0.0', { hub }, { journal }), 'ERR_NETWORK')
  assert.not.ok(hub.tags.has('latest'))
  hub.watch = {}
  await once('1.0.0', { hub }, { journal })
  assert.ok(hub.tags.has('latest'))
})

test('half a line in the journal is no line, and what follows stands on its own', async () => {
  const journal = mkdtempSync(join(folder, 'journal-'))
  const { hub, ghcr } = pair()
  await once('1.0.0', { hub, ghcr }, { journal })
  const file = join(journal, readdirSync(journal)[0]!)
  const whole = readFileSync(file, 'utf8')
  const events = (): unknown[] =>
    readFileSync(file, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).event)
  assert.equal(events(), ['moving', 'done'])
  writeFileSync(file, whole.slice(0, 30))
  ghcr.tags.delete('latest')
  await once('1.0.0', { hub, ghcr }, { journal })
  const [half, ...rest] = readFileSync(file, 'utf8').split('\n')
  assert.is(half, whole.slice(0, 30))
  assert.equal(
    rest.filter((line) => line !== '').map((line) => JSON.parse(line).event),
    ['moving', 'done'],
  )
})

test.run()
