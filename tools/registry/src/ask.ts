import { WaybillError, header, type HttpRequest, type HttpResponse } from '@waybill/core'
import { parseChallenges } from './auth/challenge.ts'
import type { Scopes } from './auth/scopes.ts'
import { requestToken } from './auth/token.ts'
import type { Host } from './host.ts'
import { resolveLocation } from './origin.ts'

export interface RegistryQuestion extends HttpRequest {
  /** The repository whose credential is used. */
  readonly repository: string
  readonly scopes: Scopes
}

const MAX_HOPS = 5
const REDIRECTS = new Set([301, 302, 303, 307, 308])

/**
 * Asks a registry, with what it wants as authorization, following redirects. Authorization goes to the registry's own origin alone, and
 * not even there again once a redirect has left it.
 * @throws {ERR_NETWORK} {ERR_UNAUTHORIZED} {ERR_FORBIDDEN_ADDRESS} {ERR_REGISTRY}
 */
export async function askRegistry(
  host: Host,
  start: string,
  question: RegistryQuestion,
): Promise<HttpResponse> {
  const signal = question.signal ?? host.signal
  let url = start
  let home = start.startsWith(`${host.origin}/`)
  for (let hops = 0; ; hops++) {
    const request = { ...question, signal }
    const response = home
      ? await askHome(host, url, request)
      : await askElsewhere(host, url, request)
    const location = header(response, 'location')
    if (location === undefined || !isFollowed(response.status, question.method)) return response
    await response.discard()
    if (hops >= MAX_HOPS) throw tooMany(host)
    const next = resolveLocation(location, url, 'redirect')
    home &&= next.origin === host.origin
    url = next.href
  }
}

// 301 to 303 may turn another method into GET, which would not do what was asked: RFC 9110 section 15.4.
function isFollowed(status: number, method = 'GET'): boolean {
  if (method === 'GET' || method === 'HEAD') return REDIRECTS.has(status)
  return status === 307 || status === 308
}

// A token may run out, or not cover what is asked for now; many requests at once may each find theirs used up once more.
const MAX_RENEWALS = 3

async function askHome(host: Host, url: string, question: RegistryQuestion): Promise<HttpResponse> {
  const { repository, scopes } = question
  let authorization = await host.authorizer.authorize(repository, scopes)
  for (let renewals = 0; ; renewals++) {
    const response = await send(host, url, question, authorization)
    if (response.status !== 401 || renewals >= MAX_RENEWALS) return response
    const refusal = { headers: response.headers, refused: authorization }
    authorization = await host.authorizer.renew(refusal, repository, scopes)
    if (authorization === undefined) return response
    await response.discard()
  }
}

// A registry that sends its readers to another one: that one is asked anonymously, with a token of its own if it wants one.
async function askElsewhere(
  host: Host,
  url: string,
  question: RegistryQuestion,
): Promise<HttpResponse> {
  const response = await send(host, url, question, undefined)
  if (response.status !== 401) return response
  const challenges = parseChallenges(response.headers['www-authenticate'])
  const challenge = challenges.find((one) => one.scheme === 'bearer')
  if (challenge === undefined) return response
  await response.discard()
  const { http } = host
  const { scopes, signal } = question
  const request = { http, from: url, challenge, scopes, credential: undefined, signal }
  const token = await requestToken(request)
  return send(host, url, question, `Bearer ${token.value}`)
}

function send(
  host: Host,
  url: string,
  question: RegistryQuestion,
  authorization: string | undefined,
): Promise<HttpResponse> {
  const { method, headers, body, signal, retries } = question
  return host.http.request(url, {
    ...(method === undefined ? {} : { method }),
    ...(body === undefined ? {} : { body }),
    ...(retries === undefined ? {} : { retries }),
    headers: { ...headers, ...(authorization === undefined ? {} : { authorization }) },
    signal,
  })
}

function tooMany(host: Host): WaybillError {
  return new WaybillError('ERR_REGISTRY', `${host.registry}: more than ${MAX_HOPS} redirects`)
}
