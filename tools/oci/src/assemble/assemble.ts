import {
  createContext,
  formatPlatform,
  inStep,
  mapLimit,
  type Artifact,
  type Content,
  type ContextOptions,
  type Descriptor,
  type Digest,
  type Release,
} from '@waybill/core'
import { factsCache, type FactsOptions } from '../facts/layer-facts.ts'
import type { BaseImage } from '../source.ts'
import { assemblePlatform } from './assemble-platform.ts'
import { linuxBinaries } from './binaries.ts'
import type { ConfigOptions } from './config-options.ts'
import { joinParts } from './join-parts.ts'
import { beginLayer } from './make-layer.ts'
import { checkPath } from './place.ts'
import { prepareBase } from './prepare-base.ts'

/** What an image has to know of its release; what is left out is not written into it. */
export type ImageRelease = Pick<Release, 'component' | 'created'> & Partial<Release>

export interface AssembleOptions extends ContextOptions, FactsOptions {
  /** What to build upon, named by digest; `scratch` is nothing at all. What is still being looked up is waited for while binaries are compressed. */
  readonly base: BaseImage | Promise<BaseImage>
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
  const { out, jobs, progress, signal } = createContext(given)
  checkPath(given.path)
  const found = linuxBinaries(binaries, out)
  const cache = await factsCache(given)
  const first = found.slice(0, jobs)
  const begun = await Promise.all(first.map((binary) => beginLayer(binary, cache)))
  const platforms = found.map(({ platform }) => platform)
  const base = await prepareBase(await given.base, { platforms, cache })
  const options = { ...given, base, cache }
  const bases = base === 'scratch' ? [] : base.images
  const parts = await mapLimit(found, jobs, (binary, index) =>
    inStep(progress, `image ${formatPlatform(binary.platform)}`, () =>
      assemblePlatform(release, binary, bases, { ...options, begun: begun[index], signal }),
    ),
  )
  return joinParts(release, parts, options)
}
