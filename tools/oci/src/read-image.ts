import {
  WaybillError,
  collect,
  formatPlatform,
  isWaybillError,
  type Descriptor,
  type Digest,
} from '@waybill/core'
import type { Budget } from './budget.ts'
import { readManifestBytes, type ReadItem } from './content.ts'
import { parseImageConfig, type ImageConfig } from './image-config.ts'
import { readLayer } from './layer.ts'
import { parseManifest, type Manifest } from './manifest.ts'
import { isConfigType, isLayerType } from './media-types.ts'
import type { Image, Layer } from './image-types.ts'

const CONFIG_LIMIT = 8 * 1024 * 1024

/** What an image is read with. */
export interface ImageReading {
  readonly read: ReadItem
  /** @default none */
  readonly budget?: Budget
}

/** Reads an image's manifest. @throws {ERR_INVALID_IMAGE} {ERR_DIGEST_MISMATCH} {ERR_CONTENT_MISSING} */
export async function readManifest(descriptor: Descriptor, read: ReadItem): Promise<Manifest> {
  return parseManifest(await readManifestBytes(read, descriptor), descriptor.digest)
}

/**
 * Reads the image that a manifest describes, its configuration and no layer. Engines run it whatever media type the configuration is given, so
 * that type decides nothing; layers must be of a type that every engine lays upon the others.
 * @throws {ERR_INVALID_IMAGE} {ERR_DIGEST_MISMATCH} {ERR_CONTENT_MISSING} {ERR_TOO_LARGE}
 */
export async function readImage(
  descriptor: Descriptor,
  manifest: Manifest,
  { read, budget }: ImageReading,
): Promise<Image> {
  budget?.take(manifest.config)
  const config = await readConfig(descriptor, manifest, read)
  const diffIds = config.rootfs.diff_ids
  const { layers } = manifest
  const where = manifest.config.digest
  if (diffIds.length !== layers.length) {
    const message = `${layers.length} layers, but its configuration ${where} lists ${diffIds.length}`
    throw invalidImage(descriptor, message)
  }
  const odd = layers.find(({ mediaType }) => !isLayerType(mediaType))
  if (odd !== undefined)
    throw invalidImage(
      descriptor,
      `its layer ${odd.digest} is ${odd.mediaType}, which some engines lay upon the others and some leave out`,
      'Build the image with layers of the media types that the OCI image-spec names.',
    )
  const { os, architecture, variant } = config
  const own = { os, architecture, ...(variant === undefined ? {} : { variant }) }
  return {
    platform: descriptor.platform ?? own,
    descriptor,
    manifest,
    config,
    layers: layers.map((layer, index) => viewLayer(layer, diffIds[index]!, read)),
  }
}

async function readConfig(
  descriptor: Descriptor,
  { config }: Manifest,
  read: ReadItem,
): Promise<ImageConfig> {
  const where = config.digest
  try {
    return parseImageConfig(await collect(read(config), CONFIG_LIMIT, where), where)
  } catch (error) {
    if (isConfigType(config.mediaType) || !isWaybillError(error)) throw error
    if (error.code !== 'ERR_INVALID_IMAGE' && error.code !== 'ERR_INVALID_JSON') throw error
    const message = `its configuration is ${config.mediaType}, and not that of an image (${error.message})`
    throw invalidImage(descriptor, message, ALONE)
  }
}

/** What to do about an entry that is not an image. */
export const ALONE =
  'Nothing is left out of an index on a guess: take the entry out of it, or attach it to the image by its subject.'

function viewLayer(descriptor: Descriptor, diffId: Digest, read: ReadItem): Layer {
  const open = (): AsyncIterable<Uint8Array> => read(descriptor)
  return { descriptor, diffId, open, entries: () => readLayer({ descriptor, open }, diffId) }
}

/** The error for a manifest, or an entry of an index, that cannot be an image. */
export function invalidImage(
  { digest, platform }: Descriptor,
  message: string,
  hint?: string,
): WaybillError {
  const where = platform === undefined ? digest : `${digest} (${formatPlatform(platform)})`
  return new WaybillError('ERR_INVALID_IMAGE', `${where}: ${message}`, {
    ...(hint === undefined ? {} : { hint }),
    details: { digest },
  })
}
