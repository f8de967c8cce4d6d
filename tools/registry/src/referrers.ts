import { header } from '@waybill/core'
import type { Descriptor, Digest } from '@waybill/core'
import { isIndexType, mediaTypes, parseIndex } from '@waybill/oci'
import { ask } from './ask.ts'
import { answerError } from './errors.ts'
import { getManifest } from './find-manifest.ts'
import { nextPage } from './next-page.ts'
import { readScope, type Place } from './place.ts'

const PAGE_LIMIT = 4 * 1024 * 1024
const MOST_PAGES = 1000

/**
 * What refers to a manifest (signatures, SBOMs): by the referrers API, or by the fallback tag where a registry has none.
 * OCI distribution-spec, "Listing Referrers".
 * @throws {ERR_UNAUTHORIZED} {ERR_DENIED} {ERR_REGISTRY} {ERR_NETWORK}
 */
export async function listReferrers(
  place: Place,
  digest: Digest,
  signal?: AbortSignal,
): Promise<readonly Descriptor[]> {
  return (await readReferrers(place, digest, signal)) ?? readFallback(place, digest, signal)
}

/** What the referrers API lists; undefined where a registry has none. */
export async function readReferrers(
  place: Place,
  digest: Digest,
  signal?: AbortSignal,
): Promise<readonly Descriptor[] | undefined> {
  const found = new Map<string, Descriptor>()
  const asked = new Set<string>()
  let url: string | undefined = `${place.host.origin}/v2/${place.repository}/referrers/${digest}`
  while (url !== undefined && !asked.has(url) && asked.size < MOST_PAGES) {
    asked.add(url)
    const page = await getPage(place, url, signal)
    if (page === undefined) return undefined
    for (const one of page.manifests) found.set(one.digest, one)
    url = page.next
  }
  return [...found.values()]
}

interface Page {
  readonly manifests: readonly Descriptor[]
  readonly next: string | undefined
}

// Some registries echo OCI-Subject and lack the API all the same: only an index that is answered counts.
async function getPage(
  place: Place,
  url: string,
  signal: AbortSignal | undefined,
): Promise<Page | undefined> {
  const { repository } = place
  const headers = { accept: mediaTypes.index }
  const response = await ask(place.host, url, {
    headers,
    repository,
    scopes: readScope(place),
    signal,
  })
  const { status } = response
  const isIndex = header(response, 'content-type')?.startsWith(mediaTypes.index) === true
  if (status === 200 && isIndex) {
    const { manifests } = parseIndex(
      await response.bytes(PAGE_LIMIT),
      `The referrers in ${place.name}`,
    )
    return { manifests, next: nextPage(response, url) }
  }
  if (status === 401 || status === 403 || status === 429 || status >= 500)
    throw await answerError(response, `The referrers in ${place.name}`)
  await response.discard()
  return undefined
}

/** The tag under which clients list referrers where a registry does not: sha256-<hex>. OCI distribution-spec, "Referrers Tag Schema". */
export const fallbackTag = (digest: Digest): string => digest.replace(':', '-').slice(0, 128)

/** What the fallback tag lists. */
export async function readFallback(
  place: Place,
  digest: Digest,
  signal?: AbortSignal,
): Promise<readonly Descriptor[]> {
  const found = await getManifest(place, fallbackTag(digest), signal)
  if (found === undefined || !isIndexType(found.descriptor.mediaType)) return []
  return parseIndex(found.bytes, `The referrers in ${place.name}`).manifests
}
