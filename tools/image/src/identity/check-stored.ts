import { isWaybillError, mapLimit, type Content, type Context, type Finding } from '@waybill/core'

import { readAsStored } from '@waybill/core/internal'
import { type Image, type Layer, untilCancelled } from '@waybill/oci'
const READING = 'Reading the image was cancelled'

/**
 * Reads whatever of an image lies on this machine, base layers too, and compares it with its digests; layers of `images` member by member, which
 * shows what they hold. What a registry holds is left to the registry, and to those who pull it: both check the same digests.
 */
export async function checkStored(
  content: Content,
  images: readonly Pick<Image, 'layers'>[],
  { jobs, signal }: Pick<Context, 'jobs' | 'signal'>,
): Promise<readonly Finding[]> {
  const here = content.blobs.filter(({ origins = [] }) => origins.length === 0)
  const layers = images.flatMap((image) => image.layers)
  const findings = await mapLimit(here, jobs, (item) => {
    const own = layers.filter(({ descriptor }) => descriptor.digest === item.descriptor.digest)
    return checkItem(() => readAsStored(content, item.descriptor), own, signal)
  })
  return findings.flat()
}

async function checkItem(
  open: () => AsyncIterable<Uint8Array>,
  layers: readonly Layer[],
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  try {
    for (const layer of layers) for await (const _ of layer.entries());
    if (layers.length === 0) for await (const _ of untilCancelled(open(), signal, READING));
    return []
  } catch (error) {
    const damaged = isWaybillError(error, 'ERR_DIGEST_MISMATCH')
    if (!damaged && !isWaybillError(error, 'ERR_CONTENT_MISSING')) throw error
    return [
      {
        code: damaged ? 'damaged-content' : 'missing-content',
        level: 'error',
        message: error.message,
        suggestion: 'The image was changed or cut after it was made; make or fetch it again.',
      },
    ]
  }
}
