import { WaybillError, mapLimit, type Content, type ContentItem } from '@waybill/core'
import { hasBlob } from './blobs.ts'
import { getManifest } from './find-manifest.ts'
import type { RepositoryClient } from './place.ts'

export interface CheckOptions {
  readonly signal: AbortSignal
  /** Blobs that this run saw, wrote and was acknowledged, or mounted; manifests that it read. */
  readonly known: ReadonlySet<string>
}

const LOOKS = 16

/**
 * Reads back that content stands whole in a repository: every manifest byte by byte, every blob by name and size.
 * @throws {ERR_READ_BACK} naming all that is missing.
 */
export async function checkContent(
  place: RepositoryClient,
  content: Content,
  { signal, known }: CheckOptions,
): Promise<void> {
  const missing: string[] = []
  await Promise.all([
    // The bytes are hashed while reading, so one that is found is the right one.
    mapLimit(content.manifests.filter(isUnknown), LOOKS, async ({ descriptor }) => {
      const found = await getManifest(place, descriptor.digest, signal)
      if (found === undefined) missing.push(descriptor.digest)
    }),
    mapLimit(content.blobs.filter(isUnknown), LOOKS, async ({ descriptor }) => {
      if (!(await hasBlob(place, descriptor, signal))) missing.push(descriptor.digest)
    }),
  ])
  if (missing.length > 0) throw incomplete(place, missing)

  function isUnknown({ descriptor }: ContentItem): boolean {
    return !known.has(descriptor.digest)
  }
}

function incomplete(place: RepositoryClient, missing: readonly string[]): WaybillError {
  return new WaybillError(
    'ERR_READ_BACK',
    `${place.name}: after the push these are not there: ${missing.join(', ')}`,
    {
      hint: 'The registry lost them, or is no registry; run the same again.',
      details: { repository: place.name, missing },
    },
  )
}
