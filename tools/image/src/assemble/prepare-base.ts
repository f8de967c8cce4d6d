import {
  isDigest,
  deferRejection,
  WaybillError,
  type ContextOptions,
  type Platform,
} from '@waybill/core'
import { factsCache, imageFacts } from '../facts/layer-facts.ts'
import { readBase } from '../read-base.ts'
import type { Base, BaseImage, Image } from '@waybill/oci'
import { keepLayers } from './keep-layers.ts'
import { rememberSmall } from './remember-small.ts'
import type { FactsOptions } from '../facts/types.ts'

/** A base whose images were read; its layers are being looked into. */
export interface PreparedBase extends Base {
  readonly images: readonly Image[]
}

export interface PrepareOptions
  extends FactsOptions, Pick<ContextOptions, 'cwd' | 'env' | 'logger'> {
  /** Those that will be assembled upon it. */
  readonly platforms: readonly Platform[]
}

/**
 * Reads a base's images for some platforms and begins to look into their layers: what `assemble` does first, for whoever has the base before
 * the binaries. What was prepared for all of the platforms already is returned as it is.
 * @throws {ERR_FLOATING_BASE} {ERR_INVALID_IMAGE} {ERR_DIGEST_MISMATCH} {ERR_CONTENT_MISSING}
 */
export async function prepareBase(
  base: BaseImage | PreparedBase,
  { platforms, ...options }: PrepareOptions,
): Promise<PreparedBase | 'scratch'> {
  if (base === 'scratch') return base
  assertPinned(base)
  if ('images' in base && hasAll(base.images, platforms)) return base
  const cache = await factsCache(options)
  const kept = keepLayers({ ...base, source: rememberSmall(base.source, cache) })
  const images = await readFor(kept, platforms)
  // What is wrong with a layer is told where its files are asked for.
  if (hasAll(images, platforms))
    for (const image of images) void deferRejection(imageFacts(image, { cache }))
  return { ...kept, images }
}

function assertPinned(base: Base): void {
  if (isDigest(base?.descriptor?.digest)) return
  throw new WaybillError('ERR_FLOATING_BASE', `The base ${base?.reference} has no digest`, {
    hint: 'Resolve it first (resolveImage), or pin it with waybill lock.',
    outcome: 'usage',
  })
}

async function readFor(base: Base, platforms: readonly Platform[]): Promise<readonly Image[]> {
  const images = await readBase(base, { platforms })
  return hasAll(images, platforms) ? images : readBase(base) // all of them, to say what there is
}

const hasAll = (images: readonly Image[], platforms: readonly Platform[]): boolean =>
  platforms.every((wanted) =>
    images.some(({ platform }) => platform.architecture === wanted.architecture),
  )
