import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { collect } from '@waybill/core'
import { json, problem, type Handler, type RegistryReply, type RegistryRequest } from './message.ts'
import { apiPathOf, reads } from './quirks/quirk.ts'

export interface AuthOptions {
  /** Passwords by user name. */
  readonly users: Readonly<Record<string, string>>
  /** @default what the profile uses, else 'basic' */
  readonly kind?: 'basic' | 'bearer' | undefined
  /** Whether everybody may pull. @default false */
  readonly anonymous?: boolean
  /** How many requests a token is good for, so that its end can be tested without waiting. @default Infinity */
  readonly tokenUses?: number
  /** No tokens for those who ask for the right to delete, as Quay does. @default what the profile does */
  readonly refusesDelete?: boolean | undefined
}

/** Lets only those in who may. With `bearer` the registry is its own token server, at `/token`. */
export function withAuth(next: Handler, options: AuthOptions): Handler {
  return options.kind === 'bearer' ? withBearer(next, options) : withBasic(next, options)
}

function withBasic(next: Handler, options: AuthOptions): Handler {
  return async (request) => {
    const credentials = basicOf(request.headers.authorization)
    const known = isUser(options, credentials)
    if (known || (options.anonymous === true && credentials === undefined && reads(request))) {
      return next(request)
    }
    return unauthorized('Basic realm="Registry"')
  }
}

function withBearer(next: Handler, options: AuthOptions): Handler {
  const tokens = createTokens(options.tokenUses ?? Infinity)
  return async (request) => {
    if (request.path === '/token') return grant(request, options, tokens)
    const [needed, scope] = neededBy(request)
    const rights = tokens.read(request.headers.authorization)
    const challenge = challengeFor(request, scope)
    if (rights === undefined) return unauthorized(challenge)
    const lacking = needed.some((right) => !rights.includes(right))
    if (lacking) return unauthorized(`${challenge},error="insufficient_scope"`)
    return next(withoutForeignMount({ ...request, rights }, rights))
  }
}

// The source of a mount must be in the same token; where it is not, an upload begins.
function withoutForeignMount(request: RegistryRequest, rights: readonly string[]): RegistryRequest {
  const from = request.query.get('from')
  if (from === null || rights.includes(`${from}:pull`)) return request
  const query = new URLSearchParams(request.query)
  query.delete('mount')
  return { ...request, query }
}

function challengeFor({ origin }: RegistryRequest, scope: string): string {
  const asked = scope === '' ? '' : `,scope="${scope}"`
  return `Bearer realm="${origin}/token",service="testkit"${asked}`
}

// What a request needs, as `name:action`, and the scope to ask for. https://distribution.github.io/distribution/spec/auth/scope/
function neededBy(request: RegistryRequest): readonly [readonly string[], string] {
  const { name } = apiPathOf(request.path)
  if (name === '') return [[], '']
  const action = reads(request) ? 'pull' : request.method === 'DELETE' ? 'delete' : 'push'
  const actions = action === 'push' ? ['pull', 'push'] : [action]
  return [actions.map((one) => `${name}:${one}`), `repository:${name}:${actions.join(',')}`]
}

// Basic credentials with GET, or a form with POST: https://distribution.github.io/distribution/spec/auth/oauth/
async function grant(
  request: RegistryRequest,
  options: AuthOptions,
  tokens: Tokens,
): Promise<RegistryReply> {
  const posted = request.method === 'POST'
  const form = posted ? await formOf(request) : request.query
  const credentials = posted
    ? [form.get('username') ?? '', form.get('password') ?? '']
    : basicOf(request.headers.authorization)
  const known = isUser(options, credentials)
  if (!known && !(options.anonymous === true && credentials === undefined)) {
    return problem(401, 'UNAUTHORIZED', 'wrong user name or password')
  }
  const asked = form
    .getAll('scope')
    .flatMap((scope) => scope.split(' '))
    .flatMap(rightsOf)
  if (options.refusesDelete === true && asked.some((right) => right.endsWith(':delete'))) {
    return problem(400, 'UNSUPPORTED', 'the scope cannot be granted')
  }
  const token = tokens.write(known ? asked : asked.filter((right) => right.endsWith(':pull')))
  return json(posted ? { access_token: token, expires_in: 300 } : { token, expires_in: 300 })
}

async function formOf(request: RegistryRequest): Promise<URLSearchParams> {
  return new URLSearchParams(Buffer.from(await collect(request.body, 65_536, 'form')).toString())
}

function rightsOf(scope: string): readonly string[] {
  const [, name = '', actions = ''] = /^repository:(.+):([^:]+)$/.exec(scope) ?? []
  return actions.split(',').map((action) => `${name}:${action}`)
}

interface Tokens {
  write(rights: readonly string[]): string
  /** The rights in an Authorization header; undefined where there is no token, or it is forged or used up. */
  read(header: string | undefined): readonly string[] | undefined
}

function createTokens(uses: number): Tokens {
  const key = randomBytes(32)
  const used = new Map<string, number>()
  const sign = (text: string): string => createHmac('sha256', key).update(text).digest('base64url')
  return {
    write(rights) {
      const claim = { jti: randomBytes(8).toString('hex'), rights }
      const text = Buffer.from(JSON.stringify(claim)).toString('base64url')
      return `${text}.${sign(text)}`
    },
    read(header) {
      const [, token = ''] = /^Bearer (.+)$/i.exec(header ?? '') ?? []
      const [text = '', signature = ''] = token.split('.')
      const times = (used.get(token) ?? 0) + 1
      if (text === '' || !equal(signature, sign(text)) || times > uses) return undefined
      if (uses !== Infinity) used.set(token, times)
      return (JSON.parse(Buffer.from(text, 'base64url').toString()) as { rights: string[] }).rights
    },
  }
}

function basicOf(header: string | undefined): readonly string[] | undefined {
  const [, encoded] = /^Basic (.+)$/i.exec(header ?? '') ?? []
  if (encoded === undefined) return undefined
  const [user = '', ...password] = Buffer.from(encoded, 'base64').toString().split(':')
  return [user, password.join(':')]
}

function isUser({ users }: AuthOptions, credentials: readonly string[] | undefined): boolean {
  const [user, password = ''] = credentials ?? []
  return user !== undefined && Object.hasOwn(users, user) && equal(users[user]!, password)
}

function equal(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)]
  return left.byteLength === right.byteLength && timingSafeEqual(left, right)
}

const unauthorized = (challenge: string): RegistryReply =>
  problem(401, 'UNAUTHORIZED', 'authentication required', { 'WWW-Authenticate': challenge })
