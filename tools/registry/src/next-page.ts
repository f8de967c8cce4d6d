import { header, WaybillError, type HttpResponse } from '@waybill/core'

/**
 * Where a list goes on: `Link: <…>; rel="next"`, often relative. RFC 8288. The list lies where it was asked for, whatever a registry
 * behind a proxy calls itself: of the address only path and query count.
 * @throws {ERR_REGISTRY} for a Link that is no address: half a list is none.
 */
export function nextPage(response: HttpResponse, asked: string): string | undefined {
  const links = header(response, 'link') ?? ''
  const target = /<([^>]*)>\s*;[^,]*\brel="?next"?/i.exec(links)?.[1]
  if (target === undefined) return undefined
  const url = new URL(asked)
  if (!URL.canParse(target, response.url)) throw noPage(url.host)
  const { pathname, search } = new URL(target, response.url)
  return Object.assign(url, { pathname, search }).href
}

function noPage(host: string): WaybillError {
  return new WaybillError('ERR_REGISTRY', `${host}: its Link to the next page is no address`, {
    outcome: 'unknown',
  })
}
