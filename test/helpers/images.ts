import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { gzip, writeTar, type TarInput } from '@waybill/archive'
import {
  canonicalJson,
  collect,
  describe,
  digestOf,
  parsePlatform,
  type Artifact,
  type Content,
  type Descriptor,
  type Release,
} from '@waybill/core'
import { createMemory, loadContent, mediaTypes, type Base, type Target } from '@waybill/oci'
import { tinyElf } from './tiny-elf.ts'

/** A release to build things of. */
export const release: Release = {
  component: 'hello',
  path: '.',
  version: '0.4.2',
  tag: 'hello-v0.4.2',
  commit: '1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d',
  created: 1_760_000_000,
}

const MACHINES: Readonly<Record<string, number>> = { amd64: 62, arm64: 183, riscv64: 243 }

/** A small static program as an ELF file for a Linux architecture, told apart by a text. */
export function program(architecture: string, text = 'hello'): Buffer {
  const bytes = tinyElf('linux/amd64', text, 20_000)
  bytes.writeUInt16LE(MACHINES[architecture]!, 18)
  return bytes
}

/** Writes a binary where `compile` would, and names it as `compile` does. */
export async function binaryArtifact(
  out: string,
  platform: string,
  bytes: Uint8Array,
  name = 'hello',
): Promise<Artifact> {
  const path = `${platform.replace('/', '-')}/${name}`
  await mkdir(dirname(join(out, path)), { recursive: true })
  await writeFile(join(out, path), bytes, { mode: 0o755 })
  return { kind: 'binary', name, path, digest: digestOf(bytes), size: bytes.byteLength, platform }
}

/** Packs members, or a tar archive made otherwise, into a layer. */
export async function layerOf(
  entries: readonly TarInput[] | Uint8Array,
): Promise<{ readonly bytes: Uint8Array; readonly diffId: string }> {
  const tar =
    entries instanceof Uint8Array ? entries : await collect(writeTar(entries), 1e9, 'layer')
  return { bytes: await collect(gzip([tar], { level: 6 }), 1e9, 'layer'), diffId: digestOf(tar) }
}

export interface TestImage {
  readonly platform: string
  readonly layers: readonly (readonly TarInput[] | Uint8Array)[]
  readonly config?: Readonly<Record<string, unknown>>
}

const push = async (target: Target, mediaType: string, bytes: Uint8Array): Promise<Descriptor> => {
  const descriptor = describe(mediaType, bytes)
  await target.push(descriptor, async function* () {
    yield bytes
  })
  return descriptor
}

/** Puts one image into a target. */
export async function pushImage(target: Target, image: TestImage): Promise<Descriptor> {
  const layers = await Promise.all(image.layers.map(layerOf))
  const platform = parsePlatform(image.platform)
  const config = {
    ...platform,
    config: image.config ?? {},
    rootfs: { type: 'layers', diff_ids: layers.map(({ diffId }) => diffId) },
  }
  const manifest = {
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    config: await push(target, mediaTypes.config, Buffer.from(canonicalJson(config))),
    layers: await Promise.all(layers.map(({ bytes }) => push(target, mediaTypes.layerGzip, bytes))),
  }
  const bytes = Buffer.from(canonicalJson(manifest))
  return { ...(await push(target, mediaTypes.manifest, bytes)), platform }
}

/** Puts an index of images into a target. */
export async function pushIndex(target: Target, images: readonly TestImage[]): Promise<Descriptor> {
  const manifests = await Promise.all(images.map((image) => pushImage(target, image)))
  const index = { schemaVersion: 2, mediaType: mediaTypes.index, manifests }
  return push(target, mediaTypes.index, Buffer.from(canonicalJson(index)))
}

/** The members that a base of Debian's shape has: folders, links of a merged /usr, a file. */
export const rootfs: readonly TarInput[] = [
  { path: 'bin', type: 'symlink', linkname: 'usr/bin' },
  { path: 'etc', type: 'directory' },
  { path: 'etc/os-release', type: 'file', size: 8, content: Buffer.from('ID=test\n') },
  { path: 'tmp', type: 'directory', mode: 0o1777 },
  { path: 'usr', type: 'directory' },
  { path: 'usr/bin', type: 'directory', mode: 0o555 },
]

/** A base in memory. */
export async function createBase(
  images: readonly TestImage[] = [
    { platform: 'linux/amd64', layers: [rootfs] },
    { platform: 'linux/arm64/v8', layers: [rootfs] },
  ],
): Promise<Base> {
  const source = createMemory('base')
  const descriptor = await pushIndex(source, images)
  return { reference: 'registry.example/base:1', descriptor, source }
}

/** An executable file of a layer. */
export const file = (bytes: Uint8Array, path = 'usr/bin/hello'): TarInput => ({
  path,
  type: 'file',
  mode: 0o755,
  size: bytes.byteLength,
  content: bytes,
})

/** Images in memory, as the content of an index. */
export async function contentOf(images: readonly TestImage[]): Promise<Content> {
  const source = createMemory()
  return loadContent(source, await pushIndex(source, images))
}

/** A tar archive that no honest writer would make: members may come twice, `++` in a path is written as `..`, and a part that is `+` as `.`. */
export async function hostileTar(entries: readonly TarInput[]): Promise<Buffer> {
  const members = await Promise.all(
    entries.map(async (entry) => {
      const tar = Buffer.from(await collect(writeTar([entry]), 1e8, 'tar')).subarray(0, -1024)
      const path = entry.path.replaceAll('++', '..').replace(/(?<=^|\/)\+(?=\/|$)/g, '.')
      return path === entry.path ? tar : renamed(tar, path)
    }),
  )
  return Buffer.concat([...members, Buffer.alloc(1024)])
}

function renamed(tar: Buffer, path: string): Buffer {
  tar.write(path, 0, 'latin1')
  tar.write(' '.repeat(8), 148, 'latin1')
  const sum = tar.subarray(0, 512).reduce((all, byte) => all + byte, 0)
  tar.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
  return tar
}
