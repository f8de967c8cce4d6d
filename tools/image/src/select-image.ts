import { WaybillError, formatPlatform, samePlatform, type Platform } from '@waybill/core'
import type { Image } from '@waybill/oci'

/**
 * Picks the image of a platform: the same one (arm64 is arm64/v8), or the highest lower variant of its architecture, which runs there too.
 * `where` names what is picked from, for the error.
 * @throws {ERR_PLATFORM_MISSING} naming the platforms there are.
 */
export function selectImage(images: readonly Image[], wanted: Platform, where: string): Image {
  const same = images.find(({ platform }) => samePlatform(platform, wanted))
  const found = same ?? lower(images, wanted)
  if (found !== undefined) return found
  const offered = images.map(({ platform }) => formatPlatform(platform)).join(', ')
  throw new WaybillError(
    'ERR_PLATFORM_MISSING',
    `${where}: expected an image for ${formatPlatform(wanted)}, found ${offered || 'none'}`,
    {
      hint: 'Leave the platform out, or choose a base that has it.',
      details: { wanted: formatPlatform(wanted), offered },
    },
  )
}

// arm/v7 runs v6 and v5, amd64/v3 runs v2 and v1 (no variant).
function lower(images: readonly Image[], wanted: Platform): Image | undefined {
  return images
    .filter(
      ({ platform: { os, architecture } }) =>
        os === wanted.os && architecture === wanted.architecture,
    )
    .filter(({ platform }) => level(platform) <= level(wanted))
    .toSorted((a, b) => level(b.platform) - level(a.platform))[0]
}

const level = ({ variant, architecture }: Platform): number =>
  Number(/^v(\d+)$/.exec(variant ?? '')?.[1] ?? (architecture === 'arm' ? 7 : 1))
