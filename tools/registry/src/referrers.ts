import { header } from '@waybill/core'
import type { Descriptor, Digest } from '@waybill/core'
import { isIndexType, mediaTypes, parseIndex } from '@waybill/oci'
import { askRegistry } from './ask.ts'
import { getTag } from './absence.ts'
import { answerError } from './errors.ts'
import { createListBudget } from './list-budget.ts'
import { nextPage } from './next-page.ts'
import { readScope, type RepositoryClient } from './place.ts'

const PAGE_LIMIT = 4 * 1024 * 1024
// A descriptor costs what so many tags cost.
const PER_REFERRER = 10

/**
 * What refers to a manifest (signatures, SBOMs): by the referrers API, or by the fallback tag where a registry has none.
 * OCI distribution-spec, "Listing Referrers".
 * @throws {ERR_UNAUTHORIZED} {ERR_DENIED} {ERR_REGISTRY} {ERR_NETWORK}
 */
export async function listReferrers(
  place: RepositoryClient,
  digest: Digest,
  signal?: AbortSignal,
): Promise<readonly Descriptor[]> {
  return (await readReferrers(place, digest, signal)) ?? readFallback(place, digest, signal)
}

/** What the referrers API lists; undefined where a registry has none. */
export async function readReferrers(
  place: RepositoryClient,
  digest: Digest,
  signal?: AbortSignal,
): Promise<readonly Descriptor[] | undefined> {
  const found = new Map<string, Descriptor>()
  const asked = new Set<string>()
  const budget = createListBudget(`The referrers in ${place.name}`)
  let url: string | undefined = `${place.host.origin}/v2/${place.repository}/referrers/${digest}`
  while (url !== undefined && !asked.has(url)) {
    asked.add(url)
    budget.page()
    const page = await getPage(place, url, signal)
    if (page === undefined) return undefined
    const before = found.size
    for (const one of page.manifests) found.set(one.digest, one)
    // Each entry is an object with annotations: what came as text, whole.
    budget.entries((found.size - before) * PER_REFERRER, page.characters)
    url = page.next
  }
  return [...found.values()]
}

interface Page {
  readonly manifests: readonly Descriptor[]
  /** The page's length. */
  readonly characters: number
  readonly next: string | undefined
}

// Some registries echo OCI-Subject and lack the API all the same: only an index that is answered counts.
async function getPage(
  place: RepositoryClient,
  url: string,
  signal: AbortSignal | undefined,
): Promise<Page | undefined> {
  const { repository } = place
  const headers = { accept: mediaTypes.index }
  const response = await askRegistry(place.host, url, {
    headers,
    repository,
    scopes: readScope(place),
    signal,
  })
  const { status } = response
  const isIndex = header(response, 'content-type')?.startsWith(mediaTypes.index) === true
  if (status === 200 && isIndex) {
    const bytes = await response.bytes(PAGE_LIMIT)
    const { manifests } = parseIndex(bytes, `The referrers in ${place.name}`)
    return { manifests, characters: bytes.byteLength, next: nextPage(response, url) }
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
  place: RepositoryClient,
  digest: Digest,
  signal?: AbortSignal,
): Promise<readonly Descriptor[]> {
  const found = await getTag(place, fallbackTag(digest), signal)
  if (found === undefined || !isIndexType(found.descriptor.mediaType)) return []
  return parseIndex(found.bytes, `The referrers in ${place.name}`).manifests
}
