import {
  WaybillError,
  header,
  assertMayFollow,
  tryParseJson,
  type HttpClient,
  type HttpRequest,
  type HttpResponse,
} from '@waybill/core'
import { answerError } from '../errors.ts'
import { TOKEN_SHAPE } from '../json-shapes.ts'
import { resolveLocation } from '../origin.ts'
import type { Challenge } from './challenge.ts'
import { basic, type Credential } from './credential.ts'
import { formatScopes, type Scopes } from './scopes.ts'
import { isRecord } from '../is-record.ts'

export interface Token {
  readonly value: string
  /** Milliseconds it is good for, from now. */
  readonly lifetime: number
}

export interface TokenRequest {
  readonly http: HttpClient
  /** The registry that sent the challenge. */
  readonly from: string
  readonly challenge: Challenge
  readonly scopes: Scopes
  readonly credential: Credential | undefined
  readonly signal?: AbortSignal | undefined
}

// A token is some kilobytes at most.
const LIMIT = 1024 * 1024

/**
 * Asks a challenge's realm for a token: GET with user and password or anonymously (Docker token specification), POST for a refresh token (OAuth2).
 * @throws {ERR_UNAUTHORIZED} {ERR_DENIED} {ERR_FORBIDDEN_ADDRESS} {ERR_REGISTRY} {ERR_NETWORK}
 */
export async function requestToken(request: TokenRequest): Promise<Token> {
  const { parameters } = request.challenge
  const from = new URL(request.from)
  const realm = URL.canParse(parameters['realm'] ?? '') ? new URL(parameters['realm']!) : undefined
  if (realm === undefined)
    throw new WaybillError('ERR_REGISTRY', `${from.host}: its challenge names no token realm`)
  assertMayFollow(from, realm, 'token realm')
  const response =
    request.credential?.kind === 'refresh'
      ? await postForm(realm, request, request.credential.token)
      : await getToken(realm, request)
  if (response.status !== 200)
    throw await answerError(response, `A token of ${realm.host} for ${from.host}`)
  return readToken(await response.bytes(LIMIT), realm.host)
}

async function getToken(realm: URL, request: TokenRequest): Promise<HttpResponse> {
  const url = new URL(realm)
  const { service } = request.challenge.parameters
  if (service !== undefined) url.searchParams.set('service', service)
  for (const scope of formatScopes(request.scopes)) url.searchParams.append('scope', scope)
  url.searchParams.set('client_id', 'waybill')
  const { credential } = request
  const headers: Record<string, string> =
    credential?.kind === 'password'
      ? { authorization: basic(credential.username, credential.password) }
      : {}
  return getFollowing(request.http, url, { headers, signal: request.signal })
}

async function getFollowing(
  http: HttpClient,
  start: URL,
  request: HttpRequest,
): Promise<HttpResponse> {
  let url = start
  let headers = request.headers ?? {}
  for (let hops = 0; ; hops++) {
    const response = await http.request(url.href, { ...request, headers })
    const location = header(response, 'location')
    if (response.status < 301 || response.status > 308 || location === undefined || hops >= 3)
      return response
    await response.discard()
    url = resolveLocation(location, url.href, 'redirect')
    if (url.origin !== start.origin) headers = {}
  }
}

async function postForm(realm: URL, request: TokenRequest, token: string): Promise<HttpResponse> {
  const { service } = request.challenge.parameters
  const form = new URLSearchParams({
    grant_type: 'refresh_token',
    client_id: 'waybill',
    scope: formatScopes(request.scopes).join(' '),
    refresh_token: token,
    ...(service === undefined ? {} : { service }),
  })
  return request.http.request(realm.href, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: Buffer.from(form.toString()),
    retries: 3,
    signal: request.signal,
  })
}

// `token` or `access_token`; without `expires_in` a token is good for 60 seconds.
function readToken(bytes: Uint8Array, host: string): Token {
  // The parser's own message would quote the token.
  const value = tryParseJson(bytes, `The token of ${host}`, TOKEN_SHAPE)
  const found = isRecord(value) ? [value['token'], value['access_token']] : []
  const token = found.find((one): one is string => typeof one === 'string' && one !== '')
  // What goes into a header must not be able to end it.
  if (token === undefined || !/^[\x21-\x7e]+$/.test(token))
    throw new WaybillError('ERR_REGISTRY', `${host}: its answer holds no token`, {
      outcome: 'unknown',
    })
  const seconds = Number((value as Record<string, unknown>)['expires_in'] ?? 60)
  return { value: token, lifetime: (seconds > 0 ? seconds : 60) * 1000 }
}
