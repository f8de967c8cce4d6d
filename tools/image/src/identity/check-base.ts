import { formatPlatform, type Finding } from '@waybill/core'
import { selectImage } from '../select-image.ts'
import { readBase } from '../read-base.ts'
import type { BaseImage, Image } from '@waybill/oci'

/** Compares the lowest layers of every platform with those of the base it should stand upon. */
export async function checkBase(
  images: readonly Image[],
  base: BaseImage | undefined,
): Promise<readonly Finding[]> {
  if (base === undefined || base === 'scratch') return []
  const bases = await readBase(base)
  return images.flatMap((image) => {
    const below = selectImage(bases, image.platform, base.reference).layers
    const at = below.findIndex(({ diffId }, index) => image.layers[index]?.diffId !== diffId)
    if (at < 0) return []
    const platform = formatPlatform(image.platform)
    const found = image.layers[at]?.diffId ?? 'no layer'
    const message = `${platform}: layer ${at + 1} is ${found}, expected ${below[at]!.diffId} of ${base.reference}`
    return [
      {
        code: 'base-differs',
        level: 'error',
        message,
        suggestion: 'The image was built upon another base, or its base was changed.',
        where: { platform },
      },
    ]
  })
}
