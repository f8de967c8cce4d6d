import { formatPlatform, type Platform } from '@waybill/core'
import { type ImageConfig, mediaTypes, type BaseImage, type Image } from '@waybill/oci'
import { toOciType } from '@waybill/oci/internal'
import { baseEntries } from '../facts/layer-facts.ts'
import { assertFit } from './assert-fit.ts'
import type { PlatformBinary } from './binaries.ts'
import { imageAnnotations, imageLabels } from './image-labels.ts'
import type { PlatformPart } from './join-parts.ts'
import { jsonItem, timestamp } from './json-item.ts'
import { LAYER_RECIPE, makeLayer } from './make-layer.ts'
import { mergeConfig } from './merge-config.ts'
import { findPlace } from './place.ts'
import { selectImage } from '../select-image.ts'
import type { ImageRelease, PlatformOptions } from './types.ts'

/** Assembles the image of one platform upon its image of the base. */
export async function assemblePlatform(
  release: ImageRelease,
  binary: PlatformBinary,
  bases: readonly Image[],
  options: PlatformOptions,
): Promise<PlatformPart> {
  const { base } = options
  const below = base === 'scratch' ? undefined : selectImage(bases, binary.platform, base.reference)
  await assertFit(binary, below ?? 'scratch', options)
  const place = await findPlace(below ?? 'scratch', options.path, options)
  const layer = await makeLayer({ binary, ...place, mtime: release.created }, options)
  const config = jsonItem(
    mediaTypes.config,
    mergeConfig(below?.config ?? emptyConfig(binary.platform), {
      config: options.config ?? {},
      labels: imageLabels(release, options),
      created: timestamp(release.created),
      path: options.path,
      diffId: layer.diffId,
      createdBy: `waybill layer recipe ${LAYER_RECIPE}`,
    }),
  )
  const baseLayers = (below?.layers ?? []).map(({ descriptor, diffId }) => ({
    diffId,
    descriptor: { ...descriptor, mediaType: toOciType(descriptor.mediaType) },
  }))
  const layers = [...baseLayers, { diffId: layer.diffId, descriptor: layer.descriptor }]
  const manifest = jsonItem(mediaTypes.manifest, {
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    config: config.descriptor,
    layers: layers.map(({ descriptor }) => descriptor),
    annotations: imageAnnotations(release, options, below?.descriptor.digest),
  })
  const platform = below?.platform ?? binary.platform
  return {
    image: {
      platform: formatPlatform(platform),
      descriptor: manifest.descriptor,
      layers: layers.map(({ descriptor: { digest, size }, diffId }) => ({ digest, size, diffId })),
    },
    entry: { ...manifest.descriptor, platform },
    assembled: {
      written: layer.written && { path: options.path, digest: layer.written },
      base: () => baseEntries(below, options),
    },
    manifest: { descriptor: manifest.descriptor },
    blobs: [
      ...baseLayers.map(({ descriptor }) => ({ descriptor, ...originOf(base) })),
      { descriptor: layer.descriptor },
      { descriptor: config.descriptor },
    ],
    bytes: new Map([
      [layer.descriptor.digest, layer.open],
      [config.descriptor.digest, config.open],
      [manifest.descriptor.digest, manifest.open],
    ]),
  }
}

function originOf(base: BaseImage): { readonly origins?: readonly string[] } {
  const origin = base === 'scratch' ? undefined : base.source.origin
  return origin === undefined ? {} : { origins: [origin] }
}

function emptyConfig({ os, architecture, variant }: Platform): ImageConfig {
  return {
    os,
    architecture,
    ...(variant === undefined ? {} : { variant }),
    config: {},
    rootfs: { type: 'layers', diff_ids: [] },
    history: [],
  }
}
