import { createContext, formatPlatform, inStep, mapLimit, type Artifact } from '@waybill/core'
import { factsCache } from '../facts/layer-facts.ts'
import { assemblePlatform } from './assemble-platform.ts'
import { linuxBinaries } from './binaries.ts'
import { joinParts } from './join-parts.ts'
import { beginLayer } from './make-layer.ts'
import { checkPath } from './place.ts'
import { prepareBase } from './prepare-base.ts'
import type { ImageRelease, AssembleOptions, AssembledImage } from './types.ts'

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
