import {
  canonicalJson,
  createContext,
  describe,
  formatPlatform,
  inStep,
  mapLimit,
  WaybillError,
  isDigest,
  type Artifact,
  type Content,
  type ContentItem,
  type ContextOptions,
  type Descriptor,
  type Digest,
  type Platform,
  type Release,
} from '@waybill/core'
import type { FactsOptions } from '../facts/layer-facts.ts'
import { readImages, type Image } from '../image.ts'
import type { ImageConfig } from '../image-config.ts'
import { mediaTypes, toOciType } from '../media-types.ts'
import type { BaseImage } from '../source.ts'
import { linuxBinaries, type PlatformBinary } from './binaries.ts'
import type { ConfigOptions } from './config-options.ts'
import { imageAnnotations, imageLabels } from './image-labels.ts'
import { LAYER_RECIPE, makeLayer } from './make-layer.ts'
import { mergeConfig } from './merge-config.ts'
import { assertFit } from './assert-fit.ts'
import { checkPath, findPlace } from './place.ts'
import { selectImage } from './select-image.ts'

/** What an image has to know of its release; what is left out is not written into it. */
export type ImageRelease = Pick<Release, 'component' | 'created'> & Partial<Release>

export interface AssembleOptions extends ContextOptions, FactsOptions {
  /** What to build upon, named by digest; `scratch` is nothing at all. */
  readonly base: BaseImage
  /** Where the binary goes, absolute. */
  readonly path: string
  readonly config?: ConfigOptions | undefined
  /** Over `config.labels` and those that are set by themselves. */
  readonly labels?: Readonly<Record<string, string>> | undefined
  /** On the index and on every manifest. */
  readonly annotations?: Readonly<Record<string, string>> | undefined
  /** The address of the source code, for `org.opencontainers.image.source`. */
  readonly source?: string | undefined
  /** Why a binary may be put upon a base it does not seem to start on. @default it may not */
  readonly fitWaived?: string | undefined
}

/** The image of one platform, as it was assembled. */
export interface AssembledPlatform {
  readonly platform: string
  readonly descriptor: Descriptor
  readonly layers: readonly {
    readonly digest: Digest
    readonly size: number
    readonly diffId: Digest
  }[]
}

/** An image index and everything it consists of. Base layers are read from where they are when they are asked for. */
export interface AssembledImage {
  readonly descriptor: Descriptor
  readonly content: Content
  readonly images: readonly AssembledPlatform[]
  /** Where the binary is. */
  readonly path: string
}

interface Part {
  readonly image: AssembledPlatform
  readonly entry: Descriptor
  readonly manifest: ContentItem
  readonly blobs: readonly ContentItem[]
  readonly bytes: ReadonlyMap<string, () => AsyncIterable<Uint8Array>>
}

/**
 * Assembles an image index: for every Linux binary its platform of the base, one layer with the binary, and the configuration.
 * The same release, binaries and base give the same digests.
 * @throws {ERR_FLOATING_BASE} {ERR_NO_BINARIES} {ERR_AMBIGUOUS_ARTIFACT} {ERR_PLATFORM_MISSING} {ERR_WRONG_PLATFORM} {ERR_NOT_A_BINARY}
 * {ERR_DOES_NOT_FIT} {ERR_DIGEST_MISMATCH} {ERR_INVALID_CONFIG} {ERR_PATH_TAKEN} {ERR_INVALID_IMAGE}
 */
export async function assemble(
  release: ImageRelease,
  binaries: readonly Artifact[],
  options: AssembleOptions,
): Promise<AssembledImage> {
  const { out, jobs, progress } = createContext(options)
  checkPath(options.path)
  const found = linuxBinaries(binaries, out)
  const bases = await readBase(
    options.base,
    found.map(({ platform }) => platform),
  )
  const parts = await mapLimit(found, jobs, (binary) =>
    inStep(progress, `image ${formatPlatform(binary.platform)}`, () =>
      assemblePlatform(release, binary, bases, options),
    ),
  )
  return joinParts(release, parts, options)
}

async function readBase(
  base: BaseImage,
  platforms: readonly Platform[],
): Promise<readonly Image[]> {
  if (base === 'scratch') return []
  if (!isDigest(base?.descriptor?.digest)) {
    throw new WaybillError('ERR_FLOATING_BASE', `The base ${base?.reference} has no digest`, {
      hint: 'Resolve it first (resolveImage), or pin it with waybill lock.',
      outcome: 'usage',
    })
  }
  const content = { subject: base.descriptor, read: (item: Descriptor) => base.source.fetch(item) }
  const images = await readImages(content, { platforms })
  const isThere = (wanted: Platform): boolean =>
    images.some(({ platform }) => platform.architecture === wanted.architecture)
  return platforms.every(isThere) ? images : readImages(content) // all of them, to say what there is
}

async function assemblePlatform(
  release: ImageRelease,
  binary: PlatformBinary,
  bases: readonly Image[],
  options: AssembleOptions,
): Promise<Part> {
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

function joinParts(
  release: ImageRelease,
  parts: readonly Part[],
  options: AssembleOptions,
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
  return {
    descriptor: index.descriptor,
    content,
    images: parts.map(({ image }) => image),
    path: options.path,
  }
}

interface JsonItem {
  readonly descriptor: Descriptor
  open(): AsyncGenerator<Uint8Array, void, undefined>
}

function jsonItem(mediaType: string, value: unknown): JsonItem {
  const bytes = Buffer.from(canonicalJson(value))
  return {
    descriptor: describe(mediaType, bytes),
    async *open() {
      yield bytes
    },
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

/** Seconds since 1970 as RFC 3339. */
export function timestamp(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace('.000Z', 'Z')
}
