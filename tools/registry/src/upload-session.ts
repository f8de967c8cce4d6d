import {
  WaybillError,
  header,
  type Descriptor,
  type HttpRequest,
  type HttpResponse,
} from '@waybill/core'
import { askRegistry } from './ask.ts'
import { cookiesOf } from './cookies.ts'
import { answerError } from './errors.ts'
import { resolveLocation } from './origin.ts'
import { writeScope, type RepositoryClient } from './place.ts'

export interface BlobToUpload {
  readonly descriptor: Descriptor
  /** Opens the bytes anew for every try. */
  open(): AsyncIterable<Uint8Array>
  /** A repository of the same registry that holds the blob. */
  readonly from?: string | undefined
}

/** An upload under way: where its next request goes. Every answer gives a new address. */
export interface Session {
  readonly place: RepositoryClient
  readonly url: URL
  readonly cookies: string
}

/** Sends one request of an upload; it is never repeated by itself, since what came of it must be looked at first. */
export function sendTo(
  { place, url, cookies }: Session,
  signal: AbortSignal,
  request: HttpRequest,
): Promise<HttpResponse> {
  const scopes = writeScope(place)
  return askRegistry(place.host, url.href, {
    ...request,
    headers: { ...request.headers, ...(cookies === '' ? {} : { cookie: cookies }) },
    repository: place.repository,
    scopes,
    signal,
    retries: 0,
  })
}

/** The address that ends an upload; what a registry put into its query stays byte by byte, which URLSearchParams would write anew. */
export function withDigest({ url }: Session, { digest }: Descriptor): URL {
  const ending = new URL(url)
  ending.search = `${url.search}${url.search === '' ? '' : '&'}digest=${encodeURIComponent(digest)}`
  return ending
}

/** Where an upload goes on, from the answer to its last request. */
export function nextSession(
  place: RepositoryClient,
  response: HttpResponse,
  before?: Session,
): Session {
  const location = header(response, 'location')
  if (location === undefined)
    throw new WaybillError(
      'ERR_REGISTRY',
      `${place.name}: an upload was accepted without a Location`,
      {
        details: { status: response.status },
      },
    )
  const url = resolveLocation(location, response.url, 'Location')
  const sameOrigin = url.origin === new URL(response.url).origin
  return { place, url, cookies: sameOrigin ? cookiesOf(response, before?.cookies) : '' }
}

/** Opens an upload. @throws {ERR_UNAUTHORIZED} {ERR_DENIED} {ERR_NOT_FOUND} {ERR_REGISTRY} */
export async function openSession(place: RepositoryClient, signal: AbortSignal): Promise<Session> {
  const response = await askRegistry(
    place.host,
    `${place.host.origin}/v2/${place.repository}/blobs/uploads/`,
    {
      method: 'POST',
      body: new Uint8Array(0),
      repository: place.repository,
      scopes: writeScope(place),
      signal,
      retries: 3, // an upload that was opened in vain does no harm
    },
  )
  if (response.status !== 202)
    throw await answerError(response, `Opening an upload to ${place.name}`)
  await response.discard()
  return nextSession(place, response)
}

/** Ends an upload without a blob and answers the status; a registry that cannot do that forgets it by itself. */
export async function cancelSession(session: Session, signal: AbortSignal): Promise<number> {
  const response = await sendTo(session, signal, { method: 'DELETE' })
  await response.discard()
  return response.status
}
