import type { HttpResponse } from '@waybill/core'

/**
 * The Cookie header for the next request of an upload: load balancers keep its requests with one server that way. Only for the origin
 * that set them, and only as long as the upload lasts.
 */
export function cookiesOf(response: Pick<HttpResponse, 'headers'>, before = ''): string {
  const old = before === '' ? [] : before.split('; ')
  const fresh = [response.headers['set-cookie'] ?? []]
    .flat()
    .map((one) => one.split(';')[0]!.trim())
  const pairs = [...old, ...fresh].filter((pair) => /^[^\s=;,]+=[\x21-\x7e]*$/.test(pair))
  const byName = new Map(pairs.map((pair) => [pair.slice(0, pair.indexOf('=')), pair]))
  return [...byName.values()].join('; ')
}
