import { WaybillError, assertFewValues, tryParseJson } from '@waybill/core'
import { askRegistry } from './ask.ts'
import { answerError } from './errors.ts'
import { TAGS_SHAPE } from './json-shapes.ts'
import { createListBudget, type ListBudget } from './list-budget.ts'
import { nextPage } from './next-page.ts'
import { readScope, type RepositoryClient } from './place.ts'
import { isTag } from './reference.ts'
import { isRecord } from './is-record.ts'

const PAGE = 1000 // ECR takes no more
const PAGE_LIMIT = 16 * 1024 * 1024
// A tag has 128 characters at most; a digest has more than some.
const LONGEST = 256
const MAX_VALUES = 1_000_000

/** What a registry says when it is asked for a repository's tags. */
export type TagList =
  /** Every tag, to the last page, sorted by code unit. */
  | { readonly kind: 'complete'; readonly tags: readonly string[] }
  /** It offers no list, or there is no such repository: the two are answered alike. */
  | { readonly kind: 'none'; readonly status: number }

// What a registry answers that has no such thing as a list, or no such repository. A refusal (401, 403) or a failure says neither.
const NO_LIST = new Set([404, 405, 410, 501])

/**
 * Lists the tags of a repository. Half a list is an error: what it lacks may be on the other half.
 * @throws {ERR_UNAUTHORIZED} {ERR_DENIED} {ERR_REGISTRY} {ERR_NETWORK} {ERR_TOO_LARGE}
 */
export async function listTags(place: RepositoryClient, signal?: AbortSignal): Promise<TagList> {
  const tags = new Set<string>()
  const asked = new Set<string>()
  const budget = createListBudget(`The tags of ${place.name}`)
  const first = `${place.host.origin}/v2/${place.repository}/tags/list?n=${PAGE}`
  let url: string | undefined = first
  let isNamed = false
  while (url !== undefined && !asked.has(url)) {
    asked.add(url)
    budget.page()
    const page = await getPage(place, url, { signal, isFirst: asked.size === 1, isNamed, budget })
    if (page === undefined) break
    if ('status' in page) return { kind: 'none', status: page.status }
    const before = tags.size
    let characters = 0
    for (const tag of page.tags) {
      if (tags.has(tag)) continue
      tags.add(tag)
      characters += tag.length
    }
    budget.entries(tags.size - before, characters)
    const isFull = page.tags.length >= PAGE && tags.size > before
    const last = encodeURIComponent(page.tags.at(-1) ?? '')
    isNamed = page.next !== undefined
    url = page.next ?? (isFull ? `${first}&last=${last}` : undefined)
  }
  return { kind: 'complete', tags: sorted(tags) }
}

const sorted = (tags: ReadonlySet<string>): string[] => [...tags].filter(isTag).toSorted()

interface Page {
  readonly tags: readonly string[]
  readonly next: string | undefined
}

interface Turn {
  readonly budget: ListBudget
  readonly signal: AbortSignal | undefined
  readonly isFirst: boolean
  /** Whether the registry itself named this page; else it was guessed that there may be one. */
  readonly isNamed: boolean
}

// Undefined where a page that was only guessed at is not there: the list ended with the one before.
async function getPage(
  place: RepositoryClient,
  url: string,
  { signal, isFirst, isNamed, budget }: Turn,
): Promise<Page | { readonly status: number } | undefined> {
  const { repository } = place
  const what = `The tags of ${place.name}`
  const response = await askRegistry(place.host, url, {
    repository,
    scopes: readScope(place),
    signal,
  })
  if (isFirst ? NO_LIST.has(response.status) : response.status === 404 && !isNamed) {
    await response.discard()
    return isFirst ? { status: response.status } : undefined
  }
  if (response.status !== 200) throw await answerError(response, what)
  const bytes = await response.bytes(PAGE_LIMIT)
  budget.read(bytes.byteLength)
  assertFewValues(bytes, MAX_VALUES, what)
  const value = tryParseJson(bytes, what, TAGS_SHAPE)
  if (!isRecord(value)) throw noList(what)
  // Nexus and others answer null for none.
  const tags = value['tags'] ?? []
  if (!Array.isArray(tags)) throw noList(what)
  const texts = tags.filter((tag): tag is string => typeof tag === 'string')
  return { tags: texts.filter(mayBeListed), next: nextPage(response, url) }
}

// Artifactory lists digests among the tags; the last one of a page may be the place where the list goes on.
const mayBeListed = (text: string): boolean => text.length <= LONGEST

function noList(what: string): WaybillError {
  return new WaybillError('ERR_REGISTRY', `${what}: expected a list, found something else`, {
    hint: 'This host may be no registry.',
    outcome: 'unknown',
  })
}
