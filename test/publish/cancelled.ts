// Ctrl-C while rolling tags move in real registries: they go back, though everything else has ended.
import { createHttpClient } from '@waybill/core'
import { planPublish, publish } from '@waybill/publish'
import { destination } from '@waybill/registry'
import { startRegistry } from '@waybill/testkit'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { closingAfter } from '../helpers/closing.ts'
import { createImage } from '../helpers/destination.ts'
import { tagsAt } from '../helpers/kill-requests.ts'
import { rejects } from '../helpers/rejects.ts'
import { commitOf, lockFolder, release } from '../helpers/release.ts'

const test = suite('publish, cancelled')
const opened = closingAfter(test)

test('rolling tags that were moved already are put back in every registry', async () => {
  const registries = [await opened(startRegistry()), await opened(startRegistry())]
  const names = registries.map(({ address }) => `${address}/acme/scim`)
  const http = await opened(Promise.resolve(createHttpClient({ env: {} })))
  const run = async (version: string, signal?: AbortSignal): Promise<void> => {
    const context = { env: {}, http, ...(signal === undefined ? {} : { signal }) }
    const to = Object.fromEntries(names.map((name) => [name, destination(name, context)]))
    const content = createImage(version)
    const wanted = release(version, commitOf(version))
    const plan = await planPublish(wanted, content, { ...context, to })
    await publish(plan, { ...context, content, to, lockFolder })
  }
  await run('1.0.0')
  const before = await Promise.all(names.map(tagsAt))
  const cancel = new AbortController()
  const onKill = (): void => cancel.abort()
  registries[1]!.inject([{ kind: 'kill', method: 'PUT', path: '/manifests/latest', onKill }])
  const error = await rejects(run('1.0.1', cancel.signal), 'ERR_CANCELLED')
  assert.is(error.outcome, 'partial')
  assert.not.match(error.message, 'not put back')
  for (const [index, tags] of (await Promise.all(names.map(tagsAt))).entries()) {
    for (const name of ['1', '1.0', 'latest']) assert.is(tags[name], before[index]![name], name)
    assert.ok(tags['1.0.1'])
  }
  registries[1]!.inject([])
  await run('1.0.1')
  const after = await Promise.all(names.map(tagsAt))
  for (const tags of after) assert.is(tags['latest'], tags['1.0.1'])
})

test.run()
