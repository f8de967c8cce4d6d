import {
  createContext,
  createReport,
  formatPlatform,
  inStep,
  mapLimit,
  samePlatform,
  type Content,
  type Finding,
  type Report,
} from '@waybill/core'
import { readImages, type Image } from '@waybill/oci'
import { compareConfigs } from './compare-configs.ts'
import { compareFiles } from './compare-files.ts'
import { isIgnored } from './ignore.ts'
import type { DriftOptions, DriftCheck, Drift } from './types.ts'

/**
 * Compares two images for every platform: how they run, which files they have, their types, modes, owners, links and hashes. Times and
 * history are left out: they say when, not what.
 * @throws {ERR_DIGEST_MISMATCH} {ERR_INVALID_LAYER} {ERR_CONTENT_MISSING}
 */
export async function drift(
  a: Pick<Content, 'subject' | 'read'>,
  b: Pick<Content, 'subject' | 'read'>,
  options: DriftOptions = {},
): Promise<Report<DriftCheck>> {
  const { progress, jobs } = createContext(options)
  return inStep(progress, 'compare the images', async () => {
    const [left, right] = await Promise.all([readImages(a), readImages(b)])
    const pairs = left.flatMap((image, index) => {
      const other = samePlace(image, left.slice(0, index), right)
      return other === undefined ? [] : [{ image, other }]
    })
    const each = await mapLimit(pairs, jobs, ({ image, other }) => comparePair(image, other))
    const ignore = options.ignore ?? []
    const findings = each
      .flatMap(({ platform, drifts }) => drifts.map((one) => ({ ...one, platform })))
      .filter(({ subject }) => !isIgnored(subject, ignore))
      .map(asFinding)
    return createReport(
      each.map(({ platform, files }) => ({ platform, files })),
      [...alone(left, right, 'first'), ...alone(right, left, 'second'), ...findings],
    )
  })
}

// The first image of a platform is compared with the first, a second with the second.
function samePlace(
  image: Image,
  before: readonly Image[],
  others: readonly Image[],
): Image | undefined {
  const isSame = (other: Image): boolean => samePlatform(other.platform, image.platform)
  return others.filter(isSame)[before.filter(isSame).length]
}

async function comparePair(
  image: Image,
  other: Image,
): Promise<DriftCheck & { readonly drifts: readonly Drift[] }> {
  const { drifts, counts } = await compareFiles(image, other)
  return {
    platform: formatPlatform(image.platform),
    files: counts,
    drifts: [...compareConfigs(image.config, other.config), ...drifts],
  }
}

function alone(images: readonly Image[], others: readonly Image[], which: string): Finding[] {
  return images
    .filter((one, index) => samePlace(one, images.slice(0, index), others) === undefined)
    .map(({ platform }) => ({
      code: 'platform-missing',
      level: 'error',
      message: `${formatPlatform(platform)} is in the ${which} image alone`,
      where: { platform: formatPlatform(platform) },
    }))
}

function asFinding({ code, message, platform, subject }: Drift & { platform: string }): Finding {
  const path = subject.startsWith('/') ? { path: subject } : {}
  return {
    code,
    level: 'error',
    message: `${platform}: ${message}`,
    suggestion: `Make them equal, or declare that "${subject}" may differ.`,
    where: { platform, ...path },
  }
}
