import { WaybillError, type Content, type ContentItem, type Descriptor } from '@waybill/core'
import { mediaTypes } from '@waybill/oci'
import { imageAnnotations } from './image-labels.ts'
import { jsonItem } from './json-item.ts'
import { rememberAssembled, type AssembledFacts } from '../runs/written-files.ts'
import type { AssembledImage, AssembledPlatform, ImageRelease, PlatformOptions } from './types.ts'

/** One platform's image with everything that is new in it. */
export interface PlatformPart {
  readonly image: AssembledPlatform
  readonly entry: Descriptor
  readonly manifest: ContentItem
  readonly blobs: readonly ContentItem[]
  readonly assembled: AssembledFacts
  readonly bytes: ReadonlyMap<string, () => AsyncIterable<Uint8Array>>
}

/** Joins the images of all platforms under one index. */
export function joinParts(
  release: ImageRelease,
  parts: readonly PlatformPart[],
  options: PlatformOptions,
): AssembledImage {
  const { base } = options
  const index = jsonItem(mediaTypes.index, {
    schemaVersion: 2,
    mediaType: mediaTypes.index,
    manifests: parts.map(({ entry }) => entry),
    annotations: imageAnnotations(
      release,
      options,
      base === 'scratch' ? undefined : base.descriptor.digest,
    ),
  })
  const bytes = new Map(parts.flatMap((part) => [...part.bytes]))
  bytes.set(index.descriptor.digest, index.open)
  const blobs = new Map(
    parts.flatMap((part) => part.blobs).map((blob) => [blob.descriptor.digest, blob]),
  )
  const content: Content = {
    subject: index.descriptor,
    manifests: [...parts.map(({ manifest }) => manifest), { descriptor: index.descriptor }],
    blobs: [...blobs.values()],
    read(descriptor) {
      const own = bytes.get(descriptor.digest)
      if (own !== undefined) return own()
      if (base !== 'scratch') return base.source.fetch(descriptor)
      throw new WaybillError('ERR_CONTENT_MISSING', `${descriptor.digest} is not of this image`)
    },
  }
  const assembled = parts.map(({ entry, assembled }) => [entry.digest, assembled] as const)
  rememberAssembled(content, new Map(assembled))
  return {
    descriptor: index.descriptor,
    content,
    images: parts.map(({ image }) => image),
    path: options.path,
  }
}
