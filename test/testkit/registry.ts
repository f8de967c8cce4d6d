import { digestOf } from '@waybill/core'
import { startRegistry } from '@waybill/testkit'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { rejects } from '../helpers/rejects.ts'
import { temporaryFolder } from '../helpers/temporary.ts'

const test = suite('startRegistry')

const IMAGE = 'application/vnd.oci.image.manifest.v1+json'

async function push(address: string, name: string, tag: string): Promise<string> {
  const config = Buffer.from('{}')
  const digest = digestOf(config)
  const at = `http://${address}/v2/${name}`
  const blob = await fetch(`${at}/blobs/uploads/?digest=${digest}`, {
    method: 'POST',
    body: config,
  })
  assert.is(blob.status, 201)
  const described = { mediaType: 'application/vnd.oci.empty.v1+json', digest, size: 2 }
  const body = JSON.stringify({ schemaVersion: 2, mediaType: IMAGE, config: described, layers: [] })
  const headers = { 'Content-Type': IMAGE }
  const put = await fetch(`${at}/manifests/${tag}`, { method: 'PUT', headers, body })
  assert.is(put.status, 201)
  return put.headers.get('docker-content-digest') ?? ''
}

test('logs what it was asked, in order, with the status', async () => {
  const registry = await startRegistry()
  await push(registry.address, 'acme/scim', '1.0.0')
  await fetch(`http://${registry.address}/v2/acme/scim/manifests/2.0.0`)
  const seen = registry.requests.map((r) => `${r.number} ${r.method} ${r.path} ${r.status}`)
  assert.equal(seen, [
    `1 POST /v2/acme/scim/blobs/uploads/?digest=${digestOf('{}')} 201`,
    '2 PUT /v2/acme/scim/manifests/1.0.0 201',
    '3 GET /v2/acme/scim/manifests/2.0.0 404',
  ])
  await registry.close()
})

test('serves again what is in its root', async () => {
  const root = temporaryFolder('registry')
  const first = await startRegistry({ root })
  const digest = await push(first.address, 'acme/scim', '1.0.0')
  await first.close()
  const second = await startRegistry({ root })
  const answer = await fetch(`http://${second.address}/v2/acme/scim/manifests/1.0.0`)
  assert.is(answer.headers.get('docker-content-digest'), digest)
  assert.is(digestOf(new Uint8Array(await answer.arrayBuffer())), digest)
  await second.close()
})

test('keeps an immutable tag where it is, and takes the same manifest again', async () => {
  const registry = await startRegistry({ immutableTags: /^\d/ })
  await push(registry.address, 'acme/scim', '1.0.0')
  await push(registry.address, 'acme/scim', '1.0.0')
  const other = JSON.stringify({ schemaVersion: 2, layers: [] })
  const at = `http://${registry.address}/v2/acme/scim/manifests`
  const headers = { 'Content-Type': IMAGE }
  const moved = await fetch(`${at}/1.0.0`, { method: 'PUT', headers, body: other })
  assert.is(moved.status, 409)
  assert.is((await fetch(`${at}/1.0.0`, { method: 'DELETE' })).status, 409)
  assert.is((await fetch(`${at}/latest`, { method: 'PUT', headers, body: other })).status, 201)
  await registry.close()
})

test('says when the port is taken', async () => {
  const registry = await startRegistry()
  const error = await rejects(startRegistry({ listen: registry.address }), 'ERR_PORT_IN_USE')
  assert.match(error.message, registry.address)
  assert.match(error.hint ?? '', 'another port')
  await registry.close()
})

test('says when the root cannot be a folder', async () => {
  await rejects(startRegistry({ root: '/dev/null/registry' }), 'ERR_NOT_WRITABLE')
})

test('says what an address looks like', async () => {
  await rejects(startRegistry({ listen: 'nowhere' }), 'ERR_INVALID_ADDRESS')
})

test.run()
