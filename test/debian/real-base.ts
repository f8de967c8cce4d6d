import { execFileSync } from 'node:child_process'
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { makeBase, type DebianSuite, type MadeBase } from '@waybill/debian'
import type { Descriptor, HttpClient } from '@waybill/core'
import { bytesOf } from '../helpers/bytes.ts'
import { testWith } from '../helpers/needs.ts'
import { temporaryFolder } from '../helpers/temporary.ts'

// Everything here reads Debian's real archive through the machine's own apt sources.
const test = suite('makeBase with real packages')
const platforms = ['linux/amd64', 'linux/arm64']
const made = new Map<DebianSuite, Promise<{ base: MadeBase; layout: string; cache: string }>>()

const noNetwork: HttpClient = {
  request: () => Promise.reject(new Error('the network was used')),
  close: () => Promise.resolve(),
}

function realBase(suite: DebianSuite): Promise<{ base: MadeBase; layout: string; cache: string }> {
  const known = made.get(suite) ?? make(suite)
  made.set(suite, known)
  return known
}

async function make(
  suite: DebianSuite,
): Promise<{ base: MadeBase; layout: string; cache: string }> {
  const cache = temporaryFolder('debian')
  const base = await makeBase('base-nossl', { platforms, suite, cache })
  return { base, cache, layout: await writeLayout(base) }
}

interface Manifest {
  readonly manifests?: readonly Descriptor[]
  readonly config?: Descriptor
  readonly layers?: readonly Descriptor[]
}

async function writeLayout(base: MadeBase): Promise<string> {
  const folder = temporaryFolder('layout')
  mkdirSync(join(folder, 'blobs/sha256'), { recursive: true })
  const copy = async (descriptor: Descriptor): Promise<void> => {
    const bytes = await bytesOf(base.source.fetch(descriptor))
    writeFileSync(join(folder, 'blobs', descriptor.digest.replace(':', '/')), bytes)
    if (!/manifest|index/.test(descriptor.mediaType)) return
    const { manifests = [], config, layers = [] } = JSON.parse(bytes.toString()) as Manifest
    for (const child of [...manifests, ...layers, ...(config ? [config] : [])]) await copy(child)
  }
  await copy(base.descriptor)
  const annotations = { 'org.opencontainers.image.ref.name': 'base' }
  const index = { schemaVersion: 2, manifests: [{ ...base.descriptor, annotations }] }
  writeFileSync(join(folder, 'index.json'), JSON.stringify(index))
  writeFileSync(join(folder, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}')
  return folder
}

const run = (file: string, ...args: string[]): string =>
  execFileSync(file, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })

const VERSIONS = { bookworm: /GLIBC 2\.36/, trixie: /GLIBC 2\.41/ } as const
const roots = new Map<string, string>()

/** The file system of one platform, unpacked by umoci. */
async function rootOf(suite: DebianSuite, architecture: 'amd64' | 'arm64'): Promise<string> {
  const key = `${suite} ${architecture}`
  const known = roots.get(key)
  if (known !== undefined) return known
  const { layout } = await realBase(suite)
  const [single, bundle] = [temporaryFolder('single'), join(temporaryFolder('bundle'), 'b')]
  const choose = [`--override-arch=${architecture}`, '--insecure-policy']
  run('skopeo', ...choose, 'copy', `oci:${layout}:base`, `oci:${single}:base`)
  run('umoci', 'unpack', '--rootless', '--image', `${single}:base`, bundle)
  roots.set(key, join(bundle, 'rootfs'))
  return join(bundle, 'rootfs')
}

// A link in the image points into the image, not into this machine.
function resolveIn(root: string, path: string): string {
  let at = ''
  const parts = path.split('/')
  for (let hops = 0; parts.length > 0 && hops < 40; hops++) {
    const part = parts.shift()!
    if (part === '' || part === '.') continue
    const next = part === '..' ? dirname(at) : join(at, part)
    const facts = lstatSync(join(root, next))
    if (!facts.isSymbolicLink()) {
      at = next
      continue
    }
    const target = readlinkSync(join(root, next))
    parts.unshift(...target.split('/'))
    if (target.startsWith('/')) at = ''
  }
  return join(root, at)
}

for (const suite of ['bookworm', 'trixie'] as const) {
  testWith(
    test,
    ['apt'],
    `gives the same ${suite} base from its lock, in an empty cache and without indexes`,
    async () => {
      const { base } = await realBase(suite)
      const urls: string[] = []
      const { createHttpClient } = await import('@waybill/core')
      const client = createHttpClient({ env: process.env })
      const http: HttpClient = {
        request: (url, request) => {
          urls.push(url)
          return client.request(url, request)
        },
        close: () => client.close(),
      }
      const lock = JSON.parse(JSON.stringify(base.lock)) as typeof base.lock
      const again = await makeBase('base-nossl', {
        platforms,
        lock,
        cache: temporaryFolder(),
        http,
      })
      assert.equal(again.descriptor, base.descriptor)
      assert.equal(again.lock, base.lock)
      assert.ok(urls.length > 0 && !urls.some((url) => url.includes('/dists/')))
      await http.close()
    },
  )

  testWith(
    test,
    ['apt'],
    `makes the ${suite} base again from its cache without any network`,
    async () => {
      const { base, cache } = await realBase(suite)
      const again = await makeBase('base-nossl', {
        platforms,
        lock: base.lock,
        cache,
        http: noNetwork,
        aptFolder: '/nowhere',
      })
      assert.equal(again.descriptor, base.descriptor)
    },
  )

  testWith(
    test,
    ['apt', 'skopeo', 'umoci'],
    `is unpacked by umoci, loader and certificates in place (${suite})`,
    async () => {
      for (const [architecture, loader] of [
        ['amd64', 'lib64/ld-linux-x86-64.so.2'],
        ['arm64', 'lib/ld-linux-aarch64.so.1'],
      ] as const) {
        const root = await rootOf(suite, architecture)
        assert.ok(existsSync(join(root, 'etc/passwd')))
        const file = readFileSync(resolveIn(root, loader))
        assert.is(file.subarray(0, 4).toString('latin1'), '\x7fELF', loader)
        assert.match(
          readFileSync(join(root, 'etc/ssl/certs/ca-certificates.crt'), 'utf8'),
          /^-----BEGIN CERTIFICATE-----\n/,
        )
        assert.is(statSync(join(root, 'tmp')).mode & 0o7777, 0o1777)
        assert.match(
          readFileSync(join(root, 'var/lib/dpkg/status.d/libc6'), 'utf8'),
          new RegExp(`^Package: libc6\n(.*\n)*Architecture: ${architecture}\n`),
        )
      }
    },
  )

  testWith(
    test,
    ['apt', 'skopeo', 'umoci', 'qemu'],
    `runs a dynamic program of arm64 (${suite})`,
    async () => {
      const root = await rootOf(suite, 'arm64')
      const libc = join(root, 'lib/aarch64-linux-gnu/libc.so.6')
      assert.match(run('qemu-aarch64', '-L', root, libc), VERSIONS[suite])
    },
  )

  testWith(
    test,
    ['apt', 'skopeo', 'docker'],
    `runs a dynamic program under docker as 65532 (${suite})`,
    async () => {
      const { layout } = await realBase(suite)
      const name = `waybill-test-base-${suite}-${process.pid}`
      run(
        'skopeo',
        '--insecure-policy',
        'copy',
        `oci:${layout}:base`,
        `docker-daemon:${name}:latest`,
      )
      try {
        const libc = '/lib/x86_64-linux-gnu/libc.so.6'
        const output = run('/usr/bin/docker', 'run', '--rm', '--network=none', name, libc)
        assert.match(output, VERSIONS[suite])
        const config = run('/usr/bin/docker', 'inspect', '--format={{json .Config}}', name)
        assert.match(config, /"User":"65532"/)
        assert.match(config, /"WorkingDir":"\/home\/nonroot"/)
        assert.match(config, /"Entrypoint":null/)
      } finally {
        run('/usr/bin/docker', 'rmi', '--force', name)
      }
    },
  )
}

test.run()
