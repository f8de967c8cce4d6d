import {
  WaybillError,
  collect,
  formatPlatform,
  mapLimit,
  type Content,
  type Descriptor,
  type Digest,
  type Platform,
} from '@waybill/core'
import type { TarEntry } from '@waybill/archive'
import { readManifestBytes, type ReadItem } from './content.ts'
import { parseImageConfig, type ImageConfig } from './image-config.ts'
import { readLayer } from './layer.ts'
import { parseIndex, parseManifest, type Manifest } from './manifest.ts'
import { isIndexType, mediaTypes } from './media-types.ts'

/** One layer of an image, ready to be read any number of times. */
export interface Layer {
  readonly descriptor: Descriptor
  /** The digest of the layer's tar archive, uncompressed. */
  readonly diffId: Digest
  /** Its bytes as they are stored, usually compressed. */
  open(): AsyncIterable<Uint8Array>
  /** Its members; what was read is known to be right only when the end has come without an error. */
  entries(): AsyncIterable<TarEntry>
}

/** The image of one platform. */
export interface Image {
  readonly platform: Platform
  readonly descriptor: Descriptor
  readonly manifest: Manifest
  readonly config: ImageConfig
  /** From the lowest to the topmost. */
  readonly layers: readonly Layer[]
}

const CONFIG_LIMIT = 16 * 1024 * 1024

export interface ReadImagesOptions {
  /** Leaves out what the index says is for another system or architecture; variants stay. @default all are read */
  readonly platforms?: readonly Platform[] | undefined
}

/**
 * Reads the images of a content, manifests and configurations only. Attestations (platform `unknown/unknown`) and what is no image are left out.
 * @throws {ERR_INVALID_IMAGE} {ERR_DIGEST_MISMATCH} {ERR_CONTENT_MISSING}
 */
export async function readImages(
  content: Pick<Content, 'subject' | 'read'>,
  options: ReadImagesOptions = {},
): Promise<readonly Image[]> {
  const read: ReadItem = (descriptor) => content.read(descriptor)
  const { platforms } = options
  const isWanted = (platform: Platform | undefined): boolean =>
    platform === undefined ||
    platforms === undefined ||
    platforms.some((one) => one.os === platform.os && one.architecture === platform.architecture)
  return readBelow(content.subject, { read, isWanted }, 0)
}

interface Reading {
  readonly read: ReadItem
  readonly isWanted: (platform: Platform | undefined) => boolean
}

// An index within an index is legal and rare; deeper ones are not believed.
const DEEPEST = 4
const AT_ONCE = 8

async function readBelow(
  descriptor: Descriptor,
  reading: Reading,
  depth: number,
): Promise<readonly Image[]> {
  if (!isIndexType(descriptor.mediaType)) {
    const image = await readImage(descriptor, reading.read)
    return image === undefined ? [] : [image]
  }
  if (depth > DEEPEST) throw invalid(descriptor, `indexes lie more than ${DEEPEST} deep`)
  const index = parseIndex(await readManifestBytes(reading.read, descriptor), descriptor.digest)
  const children = index.manifests.filter(
    (child) => isImage(child) && reading.isWanted(child.platform),
  )
  const each = await mapLimit(children, AT_ONCE, (child) => readBelow(child, reading, depth + 1))
  return each.flat()
}

function isImage({ mediaType, platform }: Descriptor): boolean {
  if (platform?.os === 'unknown' || platform?.architecture === 'unknown') return false
  return (
    isIndexType(mediaType) ||
    mediaType === mediaTypes.manifest ||
    mediaType === mediaTypes.dockerManifest
  )
}

/** Reads one image's manifest and configuration; undefined where the manifest is that of some other artifact. */
export async function readImage(
  descriptor: Descriptor,
  read: ReadItem,
): Promise<Image | undefined> {
  const manifest = parseManifest(await readManifestBytes(read, descriptor), descriptor.digest)
  const type = manifest.config.mediaType
  if (type !== mediaTypes.config && type !== mediaTypes.dockerConfig) return undefined
  const where = manifest.config.digest
  const config = parseImageConfig(await collect(read(manifest.config), CONFIG_LIMIT, where), where)
  const diffIds = config.rootfs.diff_ids
  if (diffIds.length !== manifest.layers.length) {
    throw invalid(
      descriptor,
      `${manifest.layers.length} layers, but its configuration ${where} lists ${diffIds.length}`,
    )
  }
  const layers = manifest.layers.map((layer, index) => viewLayer(layer, diffIds[index]!, read))
  const { os, architecture, variant } = config
  const own = { os, architecture, ...(variant === undefined ? {} : { variant }) }
  return { platform: descriptor.platform ?? own, descriptor, manifest, config, layers }
}

function viewLayer(descriptor: Descriptor, diffId: Digest, read: ReadItem): Layer {
  const open = (): AsyncIterable<Uint8Array> => read(descriptor)
  return { descriptor, diffId, open, entries: () => readLayer({ descriptor, open }, diffId) }
}

function invalid({ digest, platform }: Descriptor, message: string): WaybillError {
  const where = platform === undefined ? digest : `${digest} (${formatPlatform(platform)})`
  return new WaybillError('ERR_INVALID_IMAGE', `${where}: ${message}`, { details: { digest } })
}
