import {
  isWaybillError,
  mapLimit,
  type Content,
  type ContentItem,
  type Finding,
} from '@waybill/core'

/**
 * Reads whatever of an image lies on this machine, base layers too, and compares it with its digests. What a registry holds is left to the
 * registry, and to whoever pulls it: both check the same digests.
 */
export async function checkStored(content: Content, jobs: number): Promise<readonly Finding[]> {
  const here = content.blobs.filter(({ origins = [] }) => origins.length === 0)
  const findings = await mapLimit(here, jobs, (item) => checkItem(content, item))
  return findings.flat()
}

async function checkItem(
  content: Content,
  { descriptor }: ContentItem,
): Promise<readonly Finding[]> {
  try {
    for await (const _ of content.read(descriptor));
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
