import { appendFileSync, readdirSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { DebianLock } from '@waybill/debian'
import { bytesOf } from '../helpers/bytes.ts'
import {
  emptyFolder,
  filesOf,
  libc,
  make,
  manifest,
  packages,
  prepare,
  type Given,
} from '../helpers/debian-base.ts'
import { startMirror } from '../helpers/debian-mirror.ts'

const test = suite<Given>('makeBase')

test.before.each(prepare)
test.after.each(({ mirror }) => mirror.close())

test('puts each package into a layer of its own, and users and certificates above', async (given) => {
  const base = await make(given)
  assert.is(base.reference, 'base-nossl-debian13:nonroot')
  const layers = await filesOf(base, 1)
  assert.is(layers.length, 8)
  const libcLayer = layers[5]!
  assert.equal(
    [...libcLayer.keys()],
    [
      'usr/lib/x',
      'usr/lib/x/libc.so.6',
      'usr/lib/x/libc.so',
      'usr',
      'usr/share',
      'usr/share/doc',
      'usr/share/doc/libc6',
      'usr/share/doc/libc6/copyright',
      'var',
      'var/lib',
      'var/lib/dpkg',
      'var/lib/dpkg/status.d',
      'var/lib/dpkg/status.d/libc6',
      'var/lib/dpkg/status.d/libc6.md5sums',
    ],
  )
  assert.is(libcLayer.get('usr/lib/x/libc.so'), 'usr/lib/x/libc.so.6')
  assert.is(libcLayer.get('usr/lib/x/libc.so.6'), 'arm64 2.41-12')
  assert.match(
    libcLayer.get('var/lib/dpkg/status.d/libc6')!,
    /^Package: libc6\nVersion: 2\.41-12\n/,
  )
  assert.is(layers[0]!.get('lib'), 'usr/lib')
  assert.match(layers[6]!.get('etc/passwd')!, /^nonroot:x:65532:65532:/m)
  assert.is(layers[7]!.get('etc/ssl/certs/ca-certificates.crt'), 'A\nB\n')
  assert.not.ok(layers[7]!.has('usr/sbin/update-ca-certificates'))
})

test('says how it runs: user, folder, certificates, no entrypoint, arm64 as v8', async (given) => {
  const base = await make(given)
  const index = await manifest(base, base.descriptor)
  assert.equal(
    index.manifests.map(({ platform }) => platform),
    [
      { architecture: 'amd64', os: 'linux' },
      { architecture: 'arm64', os: 'linux', variant: 'v8' },
    ],
  )
  const { config } = await manifest(base, index.manifests[1]!)
  const parsed = JSON.parse((await bytesOf(base.source.fetch(config))).toString()) as object
  assert.equal(parsed, {
    ...parsed,
    architecture: 'arm64',
    variant: 'v8',
    created: '2023-11-14T22:13:20Z',
    config: {
      User: '65532',
      WorkingDir: '/home/nonroot',
      Env: [
        'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
        'SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt',
      ],
    },
  })
  const root = await make(given, { user: 'root' })
  assert.is(root.reference, 'base-nossl-debian13:latest')
  assert.is.not(root.descriptor.digest, base.descriptor.digest)
})

test('gives the same bytes from a lock at another mirror, which has moved on, without reading an index', async (given) => {
  const base = await make(given)
  const other = await startMirror()
  await other.publish('elsewhere', 'trixie', [...packages, libc('amd64', '2.50-1')])
  const lock = JSON.parse(JSON.stringify(base.lock)) as DebianLock
  const options = { lock, mirror: `${other.url}/elsewhere`, cache: emptyFolder(), jobs: 1 }
  const again = await make(given, options)
  assert.equal(again.descriptor, base.descriptor)
  assert.equal(again.lock, base.lock)
  assert.ok(other.requests.every((path) => path.startsWith('elsewhere/pool/')))
  await other.close()
})

test('fetches nothing when its layers are in the cache', async (given) => {
  const base = await make(given)
  given.mirror.requests.length = 0
  const again = await make(given, { lock: base.lock, mirror: undefined })
  assert.equal(again.descriptor, base.descriptor)
  assert.equal(given.mirror.requests, [])
  const fresh = await make(given)
  assert.equal(fresh.descriptor, base.descriptor)
  assert.equal(
    given.mirror.requests.filter((path) => !path.endsWith('InRelease')),
    [],
  )
})

test('makes again what is damaged in its cache', async (given) => {
  const base = await make(given)
  const layers = join(given.cache, 'debian-layers')
  const packagesFolder = join(given.cache, 'packages')
  for (const name of readdirSync(layers)) truncateSync(join(layers, name), 5)
  for (const name of readdirSync(packagesFolder)) appendFileSync(join(packagesFolder, name), 'x')
  const again = await make(given, { lock: base.lock })
  assert.equal(again.descriptor, base.descriptor)
  assert.is((await filesOf(again, 0)).length, 8)
})

test('shows how many bytes of how many have come', async (given) => {
  const states: { done?: number; total?: number }[] = []
  const step = { update: (state: object) => states.push(state), succeed() {}, fail() {} }
  const { lock } = await make(given, { progress: { start: () => step } })
  const pins = Object.values(lock.packages).flatMap((files) => Object.values(files))
  const total = pins.reduce((sum, { size }) => sum + size, 0)
  assert.equal([states.at(-1)!.done, states.at(-1)!.total], [total, total])
})

test.run()
