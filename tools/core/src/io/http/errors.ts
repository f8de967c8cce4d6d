import { WaybillError, messageOf } from '../../values/error.ts'

/** The error for a request that no answer came to. */
export function networkError(method: string, url: string, error: unknown): WaybillError {
  return new WaybillError('ERR_NETWORK', `${method} ${shown(url)}: ${reasonOf(error)}`, {
    hint: 'Check the address, the network and the proxy settings, and run the same again.',
    outcome: 'unknown',
    details: { method, url: shown(url) },
    cause: error,
  })
}

// Node gathers the failures of a name's several addresses in one error without a message.
function reasonOf(error: unknown): string {
  const several = error instanceof AggregateError ? error.errors.map(messageOf).join('; ') : ''
  return several || messageOf(error) || String((error as NodeJS.ErrnoException).code)
}

/** The error for a request that was called off. */
export function cancelled(method: string, url: string): WaybillError {
  return new WaybillError('ERR_CANCELLED', `${method} ${shown(url)} was cancelled`)
}

/** A URL as it may be shown: without its query and user, which may carry a secret. */
export function shown(url: string): string {
  return url.split(/[?#]/)[0]!.replace(/^([a-z]+:\/\/)[^/]*@/i, '$1')
}
