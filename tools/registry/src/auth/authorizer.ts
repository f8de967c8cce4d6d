import type { Context, HttpClient } from '@waybill/core'
import type { Challenge } from './challenge.ts'
import { parseChallenges } from './challenge.ts'
import { basic, type Credential } from './credential.ts'
import { findCredential } from './lookup.ts'
import { covers, formatScopes, parseScopes, unionOf, type Scopes } from './scopes.ts'
import { requestToken } from './token.ts'

/** What is allowed to whom, asked of one registry. */
export interface AuthorizerOptions {
  readonly registry: string
  readonly origin: string
  readonly http: HttpClient
  readonly ctx: Pick<Context, 'env' | 'exec' | 'signal'>
  /** Where the credential comes from. @default the docker and podman configuration */
  readonly findCredential?: typeof findCredential
}

export interface Authorizer {
  /** The Authorization header for a request of this scope; undefined: none is needed. */
  authorize(repository: string, scopes: Scopes): Promise<string | undefined>
  /** Another one after a 401 that answered the header `refused`; undefined: there is none. */
  renew(answer: Refusal, repository: string, scopes: Scopes): Promise<string | undefined>
  /** Whether requests of this scope carry the credential of a user: an anonymous token is none. */
  isLoggedIn(repository: string, scopes: Scopes): Promise<boolean>
}

export interface Refusal {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly refused: string | undefined
}

interface Held {
  readonly credential: string
  readonly scopes: Scopes
  readonly header: string
  /** On the monotonic clock, milliseconds. */
  readonly expires: number
}

// A token that ends sooner than this could end under way; of a short-lived one half its life is used.
const MARGIN = 30_000

/** Keeps what one registry asks for (from its `/v2/` and from later challenges) and the tokens that answer it, each asked for once. */
export function createAuthorizer(options: AuthorizerOptions): Authorizer {
  const credentials = new Map<string, Promise<Credential | undefined>>()
  const asked = new Map<string, Promise<Held>>()
  let held: readonly Held[] = []
  let challenges: Promise<readonly Challenge[]> | undefined

  function credentialFor(repository: string): Promise<Credential | undefined> {
    const known = credentials.get(repository)
    if (known !== undefined) return known
    const find = options.findCredential ?? findCredential
    const found = find(options.registry, repository, options.ctx)
    credentials.set(repository, found)
    return found
  }

  async function bearer(
    challenge: Challenge,
    credential: Credential | undefined,
    scopes: Scopes,
  ): Promise<string> {
    if (credential?.kind === 'bearer') return `Bearer ${credential.token}`
    const who = JSON.stringify([challenge.parameters['realm'], credential])
    const now = performance.now()
    held = held.filter((one) => one.expires > now)
    const fitting = held.find((one) => one.credential === who && covers(one.scopes, scopes))
    if (fitting !== undefined) return fitting.header
    const key = `${who} ${formatScopes(scopes).join(' ')}`
    const asking = asked.get(key) ?? askToken(challenge, credential, scopes, who)
    asked.set(key, asking)
    try {
      const fresh = await asking
      if (!held.includes(fresh)) held = [...held, fresh]
      return fresh.header
    } finally {
      asked.delete(key)
    }
  }

  async function askToken(
    challenge: Challenge,
    credential: Credential | undefined,
    scopes: Scopes,
    who: string,
  ): Promise<Held> {
    const { http, origin, ctx } = options
    const request = { http, from: origin, challenge, scopes, credential, signal: ctx.signal }
    const token = await requestToken(request)
    const life = Math.max(token.lifetime - MARGIN, token.lifetime / 2)
    const expires = performance.now() + life
    return { credential: who, scopes, header: `Bearer ${token.value}`, expires }
  }

  async function answer(
    all: readonly Challenge[],
    repository: string,
    scopes: Scopes,
  ): Promise<string | undefined> {
    const token = all.find((one) => one.scheme === 'bearer')
    const credential = await credentialFor(repository)
    if (token !== undefined) return bearer(token, credential, scopes)
    const asksPassword = all.some((one) => one.scheme === 'basic')
    if (!asksPassword || credential?.kind !== 'password') return undefined
    return basic(credential.username, credential.password)
  }

  function known(): Promise<readonly Challenge[]> {
    challenges ??= ping(options).catch((error: unknown) => {
      challenges = undefined
      throw error
    })
    return challenges
  }

  async function authorize(repository: string, scopes: Scopes): Promise<string | undefined> {
    // Who has nothing to show need not ask first: a registry that wants a token says so when it is asked without.
    if (challenges === undefined && (await credentialFor(repository)) === undefined)
      return undefined
    return answer(await known(), repository, scopes)
  }

  return {
    authorize,
    isLoggedIn: async (repository, scopes) =>
      (await credentialFor(repository)) !== undefined &&
      (await authorize(repository, scopes)) !== undefined,
    async renew({ headers, refused }, repository, scopes) {
      held = held.filter((one) => one.header !== refused)
      const told = parseChallenges(headers['www-authenticate'])
      // Google's registry answers 401 without a challenge: what /v2/ said holds then.
      if (told.length > 0) challenges = Promise.resolve(told)
      const demanded = parseScopes(
        told.find((one) => one.scheme === 'bearer')?.parameters['scope'] ?? '',
      )
      const header = await answer(await known(), repository, unionOf(demanded, scopes))
      return header === refused ? undefined : header
    },
  }
}

async function ping({ http, origin, ctx }: AuthorizerOptions): Promise<readonly Challenge[]> {
  const response = await http.request(`${origin}/v2/`, { signal: ctx.signal })
  const told = response.status === 401 ? parseChallenges(response.headers['www-authenticate']) : []
  await response.discard()
  return told
}
