import {
  createContext,
  formatPlatform,
  inStep,
  mapLimit,
  WaybillError,
  isDigest,
  type Artifact,
  type Content,
  type ContextOptions,
  type Descriptor,
  type Digest,
  type Platform,
  type Release,
} from '@waybill/core'
import type { FactsOptions } from '../facts/layer-facts.ts'
import { readImages, type Image } from '../image.ts'
import type { BaseImage } from '../source.ts'
import { assemblePlatform } from './assemble-platform.ts'
import { linuxBinaries } from './binaries.ts'
import type { ConfigOptions } from './config-options.ts'
import { joinParts } from './join-parts.ts'
import { keepLayers } from './keep-layers.ts'
import { checkPath } from './place.ts'

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

/**
 * Assembles an image index: for every Linux binary its platform of the base, one layer with the binary, and the configuration.
 * The same release, binaries and base give the same digests.
 * @throws {ERR_FLOATING_BASE} {ERR_NO_BINARIES} {ERR_AMBIGUOUS_ARTIFACT} {ERR_PLATFORM_MISSING} {ERR_WRONG_PLATFORM} {ERR_NOT_A_BINARY}
 * {ERR_DOES_NOT_FIT} {ERR_DIGEST_MISMATCH} {ERR_INVALID_CONFIG} {ERR_PATH_TAKEN} {ERR_INVALID_IMAGE}
 */
export async function assemble(
  release: ImageRelease,
  binaries: readonly Artifact[],
  given: AssembleOptions,
): Promise<AssembledImage> {
  const options = { ...given, base: keepLayers(given.base) }
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
