// A base of the shape of distroless' base-nossl: five small layers, and a C library that each platform has of its own.
import { gzip, writeTar, type TarInput } from '@waybill/archive'
import { canonicalJson, collect, describe, digestOf, type Descriptor } from '@waybill/core'
import { mediaTypes } from '@waybill/oci'
import { repository, type Repository } from '@waybill/registry'
import { MEGABYTE, machineCode } from './material.ts'

/** Puts the base into a registry; answers its name. */
export async function pushBase(registry: string): Promise<string> {
  const target = repository(`${registry}/base/nossl`)
  const platforms = ['amd64', 'arm64'].map((architecture, index) =>
    pushPlatform(target, architecture, sharedLayers.concat([library(index)])),
  )
  const manifests = await Promise.all(platforms)
  const index = { schemaVersion: 2, mediaType: mediaTypes.index, manifests }
  const descriptor = await push(target, mediaTypes.index, Buffer.from(canonicalJson(index)))
  await target.tag(descriptor, 'nonroot')
  return `${registry}/base/nossl:nonroot`
}

const folder = (path: string): TarInput => ({ path, type: 'directory' })
const file = (path: string, at: number, length: number): TarInput => ({
  path,
  type: 'file',
  content: machineCode(at, length),
})
const files = (below: string, count: number, length: number): TarInput[] =>
  Array.from({ length: count }, (_, n) =>
    file(`${below}/${n}`, (8 * MEGABYTE + n * length) % (64 * MEGABYTE), length),
  )

const sharedLayers: readonly (readonly TarInput[])[] = [
  [
    ...['etc', 'home', 'tmp', 'usr', 'usr/bin', 'usr/lib', 'usr/share', 'var'].map(folder),
    { path: 'bin', type: 'symlink', linkname: 'usr/bin' },
    { path: 'lib', type: 'symlink', linkname: 'usr/lib' },
    ...files('usr/share/base-files', 40, 5000),
  ],
  files('etc/netbase', 4, 10_000),
  files('usr/share/zoneinfo', 600, 1500),
  files('etc/media-types', 1, 40_000),
  [file('etc/passwd', 0, 200), file('etc/group', 0, 200), folder('home/nonroot')],
]

const library = (index: number): TarInput[] => files(`usr/lib/${index}-linux-gnu`, 24, MEGABYTE / 2)

async function pushPlatform(
  target: Repository,
  architecture: string,
  contents: readonly (readonly TarInput[])[],
): Promise<Descriptor> {
  const layers: Descriptor[] = []
  const diffIds: string[] = []
  for (const entries of contents) {
    const tar = await collect(writeTar(entries), 64 * MEGABYTE, 'layer')
    const bytes = await collect(gzip([tar], { level: 6 }), 64 * MEGABYTE, 'layer')
    layers.push(await push(target, mediaTypes.layerGzip, bytes))
    diffIds.push(digestOf(tar))
  }
  const platform = { os: 'linux', architecture }
  const rootfs = { type: 'layers', diff_ids: diffIds }
  const config = Buffer.from(canonicalJson({ ...platform, config: { User: '65532' }, rootfs }))
  const manifest = {
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    config: await push(target, mediaTypes.config, config),
    layers,
  }
  const pushed = await push(target, mediaTypes.manifest, Buffer.from(canonicalJson(manifest)))
  return { ...pushed, platform }
}

async function push(target: Repository, mediaType: string, bytes: Uint8Array): Promise<Descriptor> {
  const descriptor = describe(mediaType, bytes)
  await target.push(descriptor, async function* () {
    yield bytes
  })
  return descriptor
}
