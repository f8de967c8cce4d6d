import { join } from 'node:path'
import { mkdtempSync } from 'node:fs'
import * as assert from 'uvu/assert'
import { gunzip, readTar, type TarInput } from '@waybill/archive'
import { makeBase, type MadeBase, type MakeBaseOptions } from '@waybill/debian'
import type { Descriptor } from '@waybill/core'
import { bytesOf } from './bytes.ts'
import { startMirror, type TestMirror, type TestPackage } from './debian-mirror.ts'
import { temporaryFolder } from './temporary.ts'

const file = (path: string, content = path): TarInput => ({
  path,
  type: 'file',
  mtime: 1_700_000_000,
  content: Buffer.from(content),
})
const folder = (path: string): TarInput => ({ path, type: 'directory', mtime: 1_600_000_000 })
const link = (path: string, linkname: string): TarInput => ({ path, type: 'symlink', linkname })

/** A libc6 of an architecture and version. */
export const libc = (architecture: string, version: string): TestPackage => ({
  name: 'libc6',
  version,
  architecture,
  files: [
    folder('lib'),
    folder('lib/x'),
    file('lib/x/libc.so.6', `${architecture} ${version}`),
    { path: 'lib/x/libc.so', type: 'hardlink', linkname: './lib/x/libc.so.6' },
    folder('usr'),
    folder('usr/share'),
    folder('usr/share/doc'),
    folder('usr/share/doc/libc6'),
    file('usr/share/doc/libc6/copyright'),
    file('usr/share/doc/libc6/changelog.Debian.gz'),
    file('usr/share/man/man1/ldd.1.gz'),
  ],
})

export const packages: readonly TestPackage[] = [
  ...['amd64', 'arm64'].map((architecture): TestPackage => ({
    name: 'base-files',
    version: '13.8',
    architecture,
    compression: 'gz',
    files: [
      link('lib', 'usr/lib'),
      folder('usr'),
      folder('usr/lib'),
      folder('var'),
      folder('var/lib'),
      file('etc/debian_version', '13.7\n'),
    ],
  })),
  { name: 'netbase', version: '6.5', files: [file('etc/services')], compression: 'none' },
  { name: 'tzdata', version: '2026c-0', files: [file('usr/share/zoneinfo/UTC')] },
  { name: 'tzdata-legacy', version: '2026c-0', files: [file('usr/share/zoneinfo/Zulu')] },
  { name: 'media-types', version: '13.0.0', files: [file('etc/mime.types')] },
  libc('amd64', '2.41-12'),
  libc('arm64', '2.41-12'),
  {
    name: 'ca-certificates',
    version: '20250419',
    files: [
      file('usr/share/ca-certificates/mozilla/b.crt', 'B\n'),
      file('usr/share/ca-certificates/mozilla/a.crt', 'A\n'),
      file('usr/sbin/update-ca-certificates'),
    ],
  },
]

export const platforms = ['linux/amd64', 'linux/arm64']

const root = temporaryFolder('debian')

/** An empty folder. */
export const emptyFolder = (): string => mkdtempSync(join(root, 'f-'))

/** A mirror with the packages of base-nossl, and an empty cache. */
export interface Given {
  mirror: TestMirror
  cache: string
}

/** Starts a mirror for one test. */
export async function prepare(given: Given): Promise<void> {
  given.mirror = await startMirror()
  given.cache = emptyFolder()
  await given.mirror.publish('debian', 'trixie', packages)
  await given.mirror.publish('debian-security', 'trixie-security', [])
}

/** Makes base-nossl of Debian 13 from the mirror. */
export function make(
  { mirror, cache }: Given,
  options: Partial<MakeBaseOptions> = {},
): Promise<MadeBase> {
  return makeBase('base-nossl', {
    platforms,
    suite: 'trixie',
    cache,
    mirror: `${mirror.url}/debian`,
    aptFolder: '/nowhere',
    keyrings: [],
    env: { XDG_STATE_HOME: root },
    ...options,
  })
}

export interface Manifest {
  readonly manifests: readonly Descriptor[]
  readonly config: Descriptor
  readonly layers: readonly Descriptor[]
}

/** Reads a manifest or index of a base. */
export async function manifest(base: MadeBase, descriptor: Descriptor): Promise<Manifest> {
  return JSON.parse((await bytesOf(base.source.fetch(descriptor))).toString()) as Manifest
}

/** Path and content of every file, layer by layer, of one platform. */
export async function filesOf(base: MadeBase, at: number): Promise<Map<string, string>[]> {
  const index = await manifest(base, base.descriptor)
  const { layers } = await manifest(base, index.manifests[at]!)
  const found: Map<string, string>[] = []
  for (const layer of layers) {
    const files = new Map<string, string>()
    for await (const entry of readTar(gunzip(base.source.fetch(layer)))) {
      assert.not.ok(files.has(entry.path), `${entry.path} is twice in a layer`)
      files.set(entry.path, entry.linkname ?? (await bytesOf(entry.content)).toString())
    }
    found.push(files)
  }
  return found
}
