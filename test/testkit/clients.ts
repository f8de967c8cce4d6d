import { execFile } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'
import { digestOf } from '@waybill/core'
import {
  profileNames,
  startRegistry,
  type RegistryOptions,
  type TestRegistry,
} from '@waybill/testkit'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { closingAfter } from '../helpers/closing.ts'
import { testWith } from '../helpers/needs.ts'
import { ask } from '../helpers/push.ts'
import { temporaryFolder } from '../helpers/temporary.ts'

const test = suite('real clients')
const opened = closingAfter(test)
const base = temporaryFolder('clients')
let count = 0

const onDisk = (options: RegistryOptions = {}): Promise<TestRegistry> =>
  opened(startRegistry({ root: join(base, `registry-${count++}`), ...options }))

// The clients look for credentials in a home of their own.
const env = {
  ...process.env,
  HOME: base,
  DOCKER_CONFIG: base,
  REGISTRY_AUTH_FILE: join(base, 'auth.json'),
}

async function run(program: string, ...args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(program, args, { env, timeout: 60_000 })
  return stdout.trim()
}

/** A small image of one layer, as an OCI layout made by hand. */
function writeLayout(): string {
  const folder = join(base, `layout-${count++}`)
  const blobs = join(folder, 'blobs/sha256')
  mkdirSync(blobs, { recursive: true })
  const put = (
    mediaType: string,
    bytes: Buffer,
  ): { mediaType: string; digest: string; size: number } => {
    const digest = digestOf(bytes)
    writeFileSync(join(blobs, digest.slice('sha256:'.length)), bytes)
    return { mediaType, digest, size: bytes.byteLength }
  }
  const json = (type: string, value: object): ReturnType<typeof put> =>
    put(`application/vnd.oci.image.${type}.v1+json`, Buffer.from(JSON.stringify(value)))
  const tar = Buffer.alloc(1024) // a tar of nothing
  const rootfs = { type: 'layers', diff_ids: [digestOf(tar)] }
  const config = json('config', { architecture: 'amd64', os: 'linux', config: {}, rootfs })
  const layers = [put('application/vnd.oci.image.layer.v1.tar+gzip', gzipSync(tar))]
  const manifest = json('manifest', { schemaVersion: 2, mediaType: IMAGE, config, layers })
  const annotations = { 'org.opencontainers.image.ref.name': '1.0.0' }
  const index = { schemaVersion: 2, manifests: [{ ...manifest, annotations }] }
  writeFileSync(join(folder, 'index.json'), JSON.stringify(index))
  writeFileSync(join(folder, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}')
  return folder
}

const IMAGE = 'application/vnd.oci.image.manifest.v1+json'

const digestAt = async (address: string, path: string): Promise<string | null> =>
  (await ask(address, `HEAD /v2/${path}`)).headers.get('docker-content-digest')

testWith(test, ['skopeo'], 'skopeo pushes, copies, lists, pulls and deletes', async () => {
  const { address } = await onDisk()
  const layout = writeLayout()
  const insecure = ['--src-tls-verify=false', '--dest-tls-verify=false']
  const at = (name: string): string => `docker://${address}/${name}`
  await run('skopeo', 'copy', ...insecure, `oci:${layout}:1.0.0`, at('acme/scim:1.0.0'))
  await run('skopeo', 'copy', ...insecure, at('acme/scim:1.0.0'), at('other/scim:latest'))
  assert.is(
    await digestAt(address, 'acme/scim/manifests/1.0.0'),
    await digestAt(address, 'other/scim/manifests/latest'),
  )
  const list = await run('skopeo', 'list-tags', '--tls-verify=false', at('acme/scim'))
  assert.equal((JSON.parse(list) as { Tags: string[] }).Tags, ['1.0.0'])
  await run('skopeo', 'copy', ...insecure, at('other/scim:latest'), `oci:${join(base, 'pulled')}:x`)
  await run('skopeo', 'delete', '--tls-verify=false', at('acme/scim:1.0.0'))
  assert.is(await digestAt(address, 'acme/scim/manifests/1.0.0'), null)
})

for (const kind of ['basic', 'bearer'] as const) {
  testWith(test, ['skopeo'], `skopeo gives ${kind} credentials`, async () => {
    const { address } = await onDisk({ auth: { kind, users: { ann: 'secret' } } })
    const to = [`oci:${writeLayout()}:1.0.0`, `docker://${address}/acme/scim:1.0.0`]
    const refused = await run('skopeo', 'copy', '--dest-tls-verify=false', ...to).catch(() => 'no')
    assert.is(refused, 'no')
    await run('skopeo', 'copy', '--dest-tls-verify=false', '--dest-creds', 'ann:secret', ...to)
  })
}

testWith(test, ['crane'], 'crane pushes, tags, validates, mounts and lists', async () => {
  const registry = await onDisk()
  const { address } = registry
  const image = `${address}/acme/scim:1.0.0`
  await run('crane', 'push', writeLayout(), image)
  await run('crane', 'tag', image, 'latest')
  await run('crane', 'validate', '--remote', image)
  await run('crane', 'copy', image, `${address}/other/scim:1.0.0`)
  const mounts = registry.requests.filter(
    ({ path, status }) => path.includes('mount=') && status === 201,
  )
  assert.ok(mounts.length > 0)
  assert.is(await run('crane', 'ls', `${address}/acme/scim`), '1.0.0\nlatest')
  assert.is(await run('crane', 'catalog', address), 'acme/scim\nother/scim')
})

testWith(test, ['crane'], 'crane pushes to every profile', async () => {
  for (const like of profileNames) {
    const { address } = await onDisk({ like })
    await run('crane', 'push', writeLayout(), `${address}/acme/scim:1.0.0`)
    await run('crane', 'validate', '--remote', `${address}/acme/scim:1.0.0`)
  }
})

const docker = (...args: readonly string[]): Promise<string> => run('/usr/bin/docker', ...args)

testWith(test, ['docker'], 'docker pushes and pulls', async () => {
  const { address } = await onDisk()
  const tar = join(base, 'rootfs.tar')
  writeFileSync(tar, Buffer.alloc(1024))
  const name = `${address}/acme/scim`
  await docker('import', tar, `${name}:1.0.0`)
  await docker('push', `${name}:1.0.0`)
  const digest = await digestAt(address, 'acme/scim/manifests/1.0.0')
  await docker('rmi', `${name}:1.0.0`)
  assert.match(await docker('pull', `${name}:1.0.0`), `Digest: ${digest}`)
  await docker('rmi', `${name}:1.0.0`)
})

test.run()
