import { digestOf } from '@waybill/core'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { waybill } from '../helpers/cli.ts'
import { closingAfter } from '../helpers/closing.ts'
import { ask, pushBlob, pushManifest } from '../helpers/push.ts'
import { startRegistryProcess } from '../helpers/registry-process.ts'
import { temporaryFolder } from '../helpers/temporary.ts'

const test = suite('waybill registry')
const opened = closingAfter(test)

const start = async (...args: string[]): Promise<string> => {
  const started = startRegistryProcess(args).then((one) => ({ ...one, close: () => one.stop() }))
  return (await opened(started)).address
}

test('behaves like another registry, with faults', async () => {
  const address = await start('--like', 'ghcr', '--fault', '503@2')
  assert.is((await ask(address, `DELETE /v2/a/blobs/${digestOf('x')}`)).status, 405)
  assert.is((await ask(address, 'GET /v2/')).status, 503)
})

test('keeps everything in a folder', async () => {
  const root = temporaryFolder('root')
  const digest = await pushBlob(await start('--root', root), 'a', Buffer.from('hello'))
  const again = await start('--root', root)
  assert.is((await ask(again, `GET /v2/a/blobs/${digest}`)).body.toString(), 'hello')
})

test('keeps tags that never move: all, or those that a pattern matches', async () => {
  const versions = await start('--immutable-tags', '^\\d+\\.\\d+\\.\\d+$')
  const all = await start('--immutable-tags')
  for (const [address, tag, status] of [
    [versions, '1.0.0', 409],
    [versions, 'latest', 201],
    [all, 'latest', 409],
  ] as const) {
    assert.is((await pushManifest(address, 'a', { tag, text: 'one' })).status, 201)
    assert.is((await pushManifest(address, 'a', { tag, text: 'two' })).status, status, tag)
  }
})

test('says what is wrong with the way it was started', async () => {
  const like = await waybill(['registry', '--like', 'gchr'])
  assert.is(like.code, 2)
  assert.match(like.stderr, 'did you mean "ghcr"?')
  assert.is((await waybill(['registry', '--fault', 'dorp@1'])).code, 2)
  assert.is((await waybill(['registry', '--listen', 'nowhere'])).code, 2)
  assert.is((await waybill(['registry', '--immutable-tags', '('])).code, 2)
})

test.run()
