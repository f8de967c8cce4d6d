import {
  LONGEST_WAIT,
  WaybillError,
  assertFewValues,
  freeKeys,
  header,
  knows,
  parseJson,
  pause,
  retryAfter,
  type HttpRequest,
  type HttpResponse,
  type JsonShape,
} from '@waybill/core'
import { answerError, isLimited } from './errors.ts'
import { resolveRedirect, type GithubClient } from './place.ts'

export interface GithubRequest {
  /** @default 'GET' */
  readonly method?: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  /** Sent as JSON. */
  readonly json?: unknown
  /** Sent as it is. */
  readonly body?: HttpRequest['body']
  readonly headers?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal | undefined
}

const MAX_HOPS = 3
const MAX_WAITS = 3

/**
 * Asks GitHub: the token goes along, a repository that has moved is followed, and where GitHub says that too much was asked it is
 * asked again when it says so, within two minutes.
 * @throws {ERR_NETWORK} {ERR_RATE_LIMITED} {ERR_FORBIDDEN_ADDRESS}
 */
export async function askGithub(
  place: GithubClient,
  url: string,
  question: GithubRequest = {},
): Promise<HttpResponse> {
  const request = requestOf(place, question)
  let target = url
  for (let hops = 0, waits = 0; ;) {
    const response = await place.http.request(target, request)
    if (isLimited(response) && (await waited(place, { response, waits: waits++, question })))
      continue
    if (!isRedirect(response, request.method!) || hops++ >= MAX_HOPS) return response
    await response.discard()
    target = follow(place, response, target)
  }
}

function requestOf({ token, signal }: GithubClient, question: GithubRequest): HttpRequest {
  const { method = 'GET', json, body, headers } = question
  return {
    method,
    headers: {
      accept: 'application/vnd.github+json',
      'x-github-api-version': '2022-11-28',
      ...(json === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    ...(json === undefined ? {} : { body: Buffer.from(JSON.stringify(json)) }),
    ...(body === undefined ? {} : { body }),
    signal: question.signal ?? signal,
    // What is asked for twice is the same as once, but for what makes something new.
    retries: method === 'POST' ? 0 : 3,
  }
}

interface Limited {
  readonly response: HttpResponse
  readonly waits: number
  readonly question: GithubRequest
}

// What asks for longer than anybody should wait is told instead.
async function waited(place: GithubClient, limited: Limited): Promise<boolean> {
  const { response, waits, question } = limited
  const { signal = place.signal } = question
  const time = retryAfter(response) ?? 0
  const longest = place.patience === 0 ? LONGEST_WAIT : place.patience
  if (waits >= MAX_WAITS || time > longest) return false
  await response.discard()
  place.logger.info(`${place.name}: too much was asked; going on in ${Math.ceil(time / 1000)} s`)
  await pause(time, signal)
  return true
}

// A repository that was renamed is redirected to; other methods than GET keep theirs with 307 and 308 alone.
function isRedirect({ status }: HttpResponse, method: string): boolean {
  if (status === 307 || status === 308) return true
  return method === 'GET' && (status === 301 || status === 302)
}

function follow({ origin, name }: GithubClient, response: HttpResponse, asked: string): string {
  const to = resolveRedirect(header(response, 'location'), asked, 'redirect')
  if (to.origin === origin) return to.href
  throw new WaybillError(
    'ERR_FORBIDDEN_ADDRESS',
    `${name}: the API leads to ${to.origin}, where the token does not belong`,
    { hint: 'Check the address of the API; the token was not sent there.' },
  )
}

const LARGEST = 32 * 1024 * 1024
const MAX_VALUES = 2_000_000
// What an organization calls its properties is its own.
const ANSWER: JsonShape = knows([], { custom_properties: freeKeys() })

/** Reads the JSON of an answer of one of these statuses. @throws {ERR_INVALID_JSON} {ERR_AMBIGUOUS_JSON}, and what `answerError` makes of any other status. */
export async function readAnswer(
  response: HttpResponse,
  what: string,
  statuses: readonly number[] = [200],
): Promise<unknown> {
  if (!statuses.includes(response.status)) throw await answerError(response, what)
  const bytes = await response.bytes(LARGEST)
  assertFewValues(bytes, MAX_VALUES, what)
  return parseJson(bytes, what, ANSWER)
}

// GitHub gives 10,000 entries of a list and no more.
const MAX_PAGES = 1000
const MAX_ENTRIES = 20_000

/** Reads every page of a list. @throws {ERR_FORBIDDEN_ADDRESS} where a page leads elsewhere, {ERR_FORGE} for a list that does not end. */
export async function readPages(
  place: GithubClient,
  path: string,
  { signal, what }: { readonly signal: AbortSignal | undefined; readonly what: string },
): Promise<readonly unknown[]> {
  const items: unknown[] = []
  const asked = new Set<string>()
  let next: string | undefined = `${place.url}${path}?per_page=100`
  while (next !== undefined) {
    const response: HttpResponse = await askGithub(place, next, { signal })
    const page = await readAnswer(response, what)
    if (!Array.isArray(page)) throw new WaybillError('ERR_FORGE', `${what}: the answer is no list`)
    for (const item of page as unknown[]) items.push(item)
    asked.add(next)
    if (items.length > MAX_ENTRIES || asked.size > MAX_PAGES) throw endless(what)
    const link: string | undefined = /<([^>]*)>;\s*rel="next"/.exec(
      header(response, 'link') ?? '',
    )?.[1]
    next =
      link === undefined
        ? undefined
        : follow(place, { ...response, headers: { location: link } }, next)
    if (next !== undefined && asked.has(next)) throw endless(what)
  }
  return items
}

function endless(what: string): WaybillError {
  return new WaybillError('ERR_FORGE', `${what}: the list does not come to an end`, {
    hint: `It has more than ${MAX_ENTRIES} entries or ${MAX_PAGES} pages, or leads in a circle; check the address of the API.`,
    outcome: 'unknown',
  })
}
