import { WaybillError, isWaybillError, type Context, type HttpResponse } from '@waybill/core'

const REDIRECTS = new Set([301, 302, 303, 307, 308])

/** Gets a URL and follows redirects, five at most. @throws {ERR_NETWORK} (outcome `unknown`) */
export async function getUrl(context: Context, url: string): Promise<HttpResponse> {
  let at = url
  for (let hops = 0; hops <= 5; hops++) {
    const response = await context.http.request(at, { signal: context.signal })
    const location = response.headers['location']
    if (!REDIRECTS.has(response.status) || typeof location !== 'string') return response
    await response.discard()
    at = resolveLocation(location, at)
  }
  throw new WaybillError('ERR_NETWORK', `${url}: more than five redirects`, { outcome: 'unknown' })
}

function resolveLocation(location: string, base: string): string {
  const url = URL.canParse(location, base) ? new URL(location, base) : undefined
  if (url !== undefined && /^https?:$/.test(url.protocol)) return url.href
  throw new WaybillError('ERR_NETWORK', `${base}: redirect to ${location}`, { outcome: 'unknown' })
}

/** Whether a server surely has no such file; any other failure leaves that open. */
export function isAbsent(status: number): boolean {
  return status === 404 || status === 410
}

/** The error where no source could be asked. */
export function noSource(what: string, reasons: readonly string[], cause?: unknown): WaybillError {
  return new WaybillError('ERR_NO_PACKAGE_SOURCE', `${what}: ${reasons.join('; ')}`, {
    hint: 'Check the network and proxy settings, or name another mirror with --mirror URL; nothing was written.',
    outcome: 'unknown',
    ...(cause === undefined ? {} : { cause }),
  })
}

/** The reason an error gives for a source that could not be asked; rethrows what is no matter of the source. */
export function sourceFailure(error: unknown): string {
  if (isWaybillError(error) && SOURCE_FAILURES.has(error.code)) return error.message
  throw error
}

const SOURCE_FAILURES = new Set([
  'ERR_NETWORK',
  'ERR_INVALID_RELEASE',
  'ERR_DIGEST_MISMATCH',
  'ERR_INVALID_XZ',
])
