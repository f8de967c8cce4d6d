import { WaybillError } from '@waybill/core'
import { ask } from './ask.ts'
import { isRecord } from './auth/auth-file.ts'
import { answerError } from './errors.ts'
import { nextPage } from './next-page.ts'
import { readScope, type Place } from './place.ts'
import { isTag } from './reference.ts'

const PAGE = 1000 // ECR takes no more
const MOST_PAGES = 10_000
const PAGE_LIMIT = 16 * 1024 * 1024

/**
 * Every tag of a repository, to the last page, sorted by code unit; undefined where there is no such repository.
 * @throws {ERR_UNAUTHORIZED} {ERR_DENIED} {ERR_REGISTRY} {ERR_NETWORK}
 */
export async function listTags(
  place: Place,
  signal?: AbortSignal,
): Promise<readonly string[] | undefined> {
  const tags = new Set<string>()
  const asked = new Set<string>()
  const first = `${place.host.origin}/v2/${place.repository}/tags/list?n=${PAGE}`
  let url: string | undefined = first
  while (url !== undefined && !asked.has(url)) {
    asked.add(url)
    if (asked.size > MOST_PAGES) throw tooMany(place)
    const page = await getPage(place, url, signal)
    if (page === undefined) return asked.size === 1 ? undefined : sorted(tags)
    const before = tags.size
    for (const tag of page.tags) tags.add(tag)
    const isFull = page.tags.length >= PAGE && tags.size > before
    const last = encodeURIComponent(page.tags.at(-1) ?? '')
    url = page.next ?? (isFull ? `${first}&last=${last}` : undefined)
  }
  return sorted(tags)
}

// Artifactory lists digests among the tags.
const sorted = (tags: ReadonlySet<string>): string[] => [...tags].filter(isTag).toSorted()

interface Page {
  readonly tags: readonly string[]
  readonly next: string | undefined
}

async function getPage(
  place: Place,
  url: string,
  signal: AbortSignal | undefined,
): Promise<Page | undefined> {
  const { repository } = place
  const what = `The tags of ${place.name}`
  const response = await ask(place.host, url, { repository, scopes: readScope(place), signal })
  if (response.status === 404) {
    await response.discard()
    return undefined
  }
  if (response.status !== 200) throw await answerError(response, what)
  const value = parseQuietly(await response.bytes(PAGE_LIMIT))
  if (!isRecord(value)) throw noList(what)
  // Nexus and others answer null for none.
  const tags = value['tags'] ?? []
  if (!Array.isArray(tags)) throw noList(what)
  return { tags: tags.filter((tag) => typeof tag === 'string'), next: nextPage(response, url) }
}

function parseQuietly(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'))
  } catch {
    return undefined
  }
}

function noList(what: string): WaybillError {
  return new WaybillError('ERR_REGISTRY', `${what}: expected a list, found something else`, {
    hint: 'This host may be no registry.',
    outcome: 'unknown',
  })
}

function tooMany(place: Place): WaybillError {
  return new WaybillError('ERR_REGISTRY', `The tags of ${place.name} do not come to an end`, {
    outcome: 'unknown',
  })
}
