import { header, WaybillError, type HttpResponse } from '@waybill/core'

/**
 * Where a list goes on: `Link: <…>; rel="next"`, often relative. RFC 8288. The list lies where it was asked for, whatever a registry
 * behind a proxy calls itself: of the address only path and query count.
 * @throws {ERR_REGISTRY} for a Link that cannot be read, or is no address: half a list is none.
 */
export function nextPage(response: HttpResponse, asked: string): string | undefined {
  const url = new URL(asked)
  const links = readLinks(header(response, 'link') ?? '')
  if (links === undefined) throw noPage(url.host)
  const next = links.find(({ relations }) => relations.includes('next'))
  if (next === undefined) return undefined
  const { target } = next
  if (target === '' || !URL.canParse(target, response.url)) throw noPage(url.host)
  const { pathname, search } = new URL(target, response.url)
  return Object.assign(url, { pathname, search }).href
}

interface Link {
  readonly target: string
  /** In lower case; one link may have several. */
  readonly relations: readonly string[]
}

// One link, with what stands between it and the next. RFC 8288, section 3.
const LINK =
  /\s*(?:<([^>]*)>\s*((?:;\s*(?:[^\s=;,"]+\s*(?:=\s*(?:"(?:[^"\\]|\\.)*"|[^\s";,]+)\s*)?)?)*))?(?:,|$)/y
const RELATION = /;\s*rel\s*=\s*(?:"([^"]*)"|([^\s";,]*))/i

function readLinks(text: string): readonly Link[] | undefined {
  const links: Link[] = []
  for (let at = 0; at < text.length; at = LINK.lastIndex) {
    LINK.lastIndex = at
    const found = LINK.exec(text)
    if (found === null) return undefined
    const [, target, parameters = ''] = found
    const [, quoted, plain] = RELATION.exec(parameters) ?? []
    const relations = (quoted ?? plain ?? '').toLowerCase().split(/\s+/)
    if (target !== undefined) links.push({ target: target.trim(), relations })
  }
  return links
}

function noPage(host: string): WaybillError {
  return new WaybillError('ERR_REGISTRY', `${host}: its Link to the next page is no address`, {
    outcome: 'unknown',
  })
}
