import {
  WaybillError,
  assertMayFollow,
  clientTrusting,
  createContext,
  isLoopback,
  type ContextOptions,
  type HttpClient,
  type Logger,
} from '@waybill/core'

/** A repository at GitHub as it is asked: where, with which token, through which connections. */
export interface GithubClient {
  /** `github:acme/hello`. */
  readonly name: string
  /** The API's URL of the repository, without a slash at its end. */
  readonly url: string
  /** The API's origin; the token goes there and to where files are uploaded, and nowhere else. */
  readonly origin: string
  readonly token: string | undefined
  readonly http: HttpClient
  readonly logger: Logger
  /** Milliseconds, of the context. */
  readonly patience: number
  readonly signal: AbortSignal
}

export interface GithubClientOptions extends ContextOptions {
  /** What authorizes writing, and reading where a repository is private. @default none */
  readonly token?: string | undefined
  /** The API's URL: `https://ghe.example.com/api/v3` for a GitHub Enterprise Server. @default 'https://api.github.com' */
  readonly api?: string | undefined
  /** A PEM file of certificates trusted beside the built-in ones. */
  readonly caFile?: string | undefined
}

/** Opens a repository; asks nothing yet. @throws {ERR_INVALID_REPOSITORY} {ERR_INVALID_ADDRESS} */
export function githubClient(repository: string, options: GithubClientOptions): GithubClient {
  const context = createContext(options)
  const api = apiOf(options.api ?? 'https://api.github.com')
  const [owner, name] = partsOf(repository)
  return {
    name: `github:${owner}/${name}`,
    url: `${api.href.replace(/\/$/, '')}/repos/${owner}/${name}`,
    origin: api.origin,
    token: options.token === '' ? undefined : options.token,
    http: options.caFile === undefined ? context.http : clientTrusting(options.caFile, context),
    logger: context.logger,
    patience: context.patience,
    signal: context.signal,
  }
}

function partsOf(repository: string): readonly [string, string] {
  const found = /^([A-Za-z0-9][A-Za-z0-9-]*)\/([A-Za-z0-9._-]+)$/.exec(repository)
  if (found !== null && !/^\.{1,2}$/.test(found[2]!)) return [found[1]!, found[2]!]
  throw new WaybillError(
    'ERR_INVALID_REPOSITORY',
    `Expected a repository as owner/name, found "${repository.slice(0, 160)}"`,
    { hint: 'For example acme/hello.', outcome: 'usage' },
  )
}

function apiOf(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const local = isLoopback(url?.hostname.replace(/^\[|\]$/g, '') ?? '')
  const plain = url?.username === '' && url.password === '' && url.search === '' && url.hash === ''
  if (plain && (url.protocol === 'https:' || (url.protocol === 'http:' && local))) return url
  throw new WaybillError('ERR_INVALID_ADDRESS', 'The address of the GitHub API is not usable', {
    hint: 'Give it as https://api.github.com, or https://HOST/api/v3, without user, query or fragment; http is for loopback alone.',
    outcome: 'usage',
  })
}

/**
 * Checks where a file is to be uploaded, as the forge says: the API's own origin, or `uploads.HOST` where the API is `api.HOST`.
 * @throws {ERR_FORBIDDEN_ADDRESS}
 */
export function assertUploadOrigin({ origin, name }: GithubClient, url: URL): void {
  const from = new URL(origin)
  const sibling = from.host.replace(/^api\./, 'uploads.')
  if (url.protocol === from.protocol && (url.host === from.host || url.host === sibling)) return
  throw new WaybillError(
    'ERR_FORBIDDEN_ADDRESS',
    `${name}: files would be uploaded to ${url.protocol}//${url.host}, which is not ${from.host}'s`,
    { hint: 'Check the address of the API; the token was not sent there.' },
  )
}

/** Resolves where an answer leads. @throws {ERR_FORBIDDEN_ADDRESS} {ERR_FORGE} */
export function resolveRedirect(location: string | undefined, asked: string, what: string): URL {
  if (location !== undefined && URL.canParse(location, asked)) {
    const to = new URL(location, asked)
    assertMayFollow(new URL(asked), to, what)
    return to
  }
  const { host } = new URL(asked)
  throw new WaybillError('ERR_FORGE', `${host}: its ${what} is no address`, { outcome: 'unknown' })
}
