import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { describe } from '@waybill/core'
import { mediaTypes } from '@waybill/oci'
import { destination, registries, repository } from '@waybill/registry'
import { startRegistry } from '@waybill/testkit'
import { rejects } from '../helpers/rejects.ts'
import { testImage } from '../helpers/image.ts'

const test = suite('repository')
const one = async function* (bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

test('removes a tag alone, and a manifest by its digest', async () => {
  const registry = await startRegistry()
  const name = `${registry.address}/acme/hello`
  const image = testImage()
  const to = destination(name)
  await to.put(image)
  for (const tag of ['one', 'two'])
    await to.set(tag, image.subject.digest, { kind: 'rolling', content: image })
  const target = repository(name)
  await target.remove('one')
  assert.equal(await target.tags(), ['two'])
  await target.remove(image.subject.digest)
  assert.is(await to.observe('two'), undefined)
  await rejects(target.remove('one'), 'ERR_NOT_FOUND')
  await registry.close()
})

test('a tag that was absent cannot be restored where nothing is removed', async () => {
  const registry = await startRegistry({ like: 'ghcr' })
  const to = destination(`${registry.address}/acme/hello`)
  const image = testImage()
  await to.put(image)
  await to.set('latest', image.subject.digest, { kind: 'rolling', content: image })
  await rejects(to.restore('latest', undefined), 'ERR_NOT_RESTORABLE')
  assert.is(await to.observe('latest'), image.subject.digest)
  await registry.close()
})

test('takes a broken download up where it broke, and finds out damaged content', async () => {
  const bytes = Buffer.alloc(3 << 20, 'content ')
  const blob = describe(mediaTypes.layerGzip, bytes)
  for (const kind of ['truncate', 'drop'] as const) {
    const registry = await startRegistry()
    const target = repository(`${registry.address}/acme/hello`)
    await target.push(blob, () => one(bytes))
    registry.inject([{ kind, method: 'GET' }])
    const pieces: Uint8Array[] = []
    for await (const piece of target.fetch(blob)) pieces.push(piece)
    assert.ok(Buffer.concat(pieces).equals(bytes))
    const again = registry.requests.at(-1)!
    if (kind === 'truncate') assert.match(String(again.headers.range), /^bytes=[1-9]\d*-$/)
    registry.inject([{ kind: 'corrupt', method: 'GET' }])
    await rejects(async () => {
      for await (const _piece of target.fetch(blob));
    }, 'ERR_DIGEST_MISMATCH')
    await registry.close()
  }
})

test('a blob or manifest that is not there is ERR_CONTENT_MISSING, a tag ERR_NOT_FOUND', async () => {
  const registry = await startRegistry()
  const target = repository(`${registry.address}/acme/hello`)
  for (const type of [mediaTypes.layer, mediaTypes.index])
    await rejects(async () => {
      for await (const _piece of target.fetch(describe(type, Buffer.from('x'))));
    }, 'ERR_CONTENT_MISSING')
  await rejects(target.resolve('latest'), 'ERR_NOT_FOUND')
  await registry.close()
})

test('a cancelled push ends with ERR_CANCELLED and no blob', async () => {
  const registry = await startRegistry()
  const controller = new AbortController()
  const bytes = Buffer.alloc(1 << 20)
  const endless = async function* (): AsyncGenerator<Uint8Array> {
    yield bytes
    controller.abort()
    await new Promise((done) => setTimeout(done, 20))
    yield bytes
  }
  const blob = describe(mediaTypes.layer, Buffer.concat([bytes, bytes]))
  const target = repository(`${registry.address}/acme/hello`, { signal: controller.signal })
  await rejects(target.push(blob, endless), 'ERR_CANCELLED')
  assert.not(await repository(`${registry.address}/acme/hello`).exists(blob))
  await registry.close()
})

test('shows pushing as a step with its bytes', async () => {
  const registry = await startRegistry()
  const shown: string[] = []
  let done = 0
  const progress = {
    start: (title: string) => {
      shown.push(title)
      return {
        update: (state: { done?: number }) => void (done = state.done ?? 0),
        succeed: (note?: string) => void shown.push(note ?? ''),
        fail: () => {},
      }
    },
  }
  const name = `${registry.address}/acme/hello`
  await destination(name, { progress }).put(testImage({ size: 5000 }))
  assert.equal(shown, [`Pushing to ${name}`, '9 uploaded, 0 mounted, 0 there'])
  assert.ok(done > 10_000)
  await registry.close()
})

test('several registries are made at once, required unless said otherwise', () => {
  const to = registries({ hub: 'acme/scim', mirror: { at: 'ghcr.io/acme/scim', optional: true } })
  assert.equal(
    [to.hub.name, to.hub.required, to.mirror.required],
    ['docker.io/acme/scim', true, false],
  )
})

test.run()
