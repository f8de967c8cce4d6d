import { isWaybillError } from '../../values/error.ts'
import { openConnections, type Connections } from './connection.ts'
import { cancelled, networkError } from './errors.ts'
import { exchange } from './exchange.ts'
import { createPatience } from './patience.ts'
import { isWorthRetrying, pause } from './retry.ts'
import type {
  HttpRequest,
  HttpResponse,
  HttpClient,
  HttpClientOptions,
  Patience,
} from '../../ports/http.ts'

const REPEATABLE = new Set(['GET', 'HEAD', 'PUT', 'DELETE'])

/** Makes a client; it loads what it needs and opens connections on the first request. Clients may share their patience. */
export function createHttpClient(
  options: HttpClientOptions = {},
  patience: Patience = createPatience(options),
): HttpClient {
  let opened: Promise<Connections> | undefined
  const connections = (): Promise<Connections> => (opened ??= openConnections(options))
  return {
    patience,
    request: async (url, request = {}) => send(await connections(), url, request, patience),
    close: async () => {
      if (opened !== undefined) (await opened).close()
    },
  }
}

async function send(
  connections: Connections,
  url: string,
  request: HttpRequest,
  patience: Patience,
): Promise<HttpResponse> {
  const method = request.method ?? 'GET'
  const { signal } = request
  const retries = request.retries ?? (REPEATABLE.has(method) ? 3 : 0)
  for (let attempt = 0; ; attempt++) {
    let response: HttpResponse | undefined
    let error: unknown
    try {
      response = await exchange(connections, url, { ...request, method })
      patience.heard(method, url, response.status)
      if (retries === 0 || !isWorthRetrying(response.status)) return response
    } catch (thrown) {
      if (signal?.aborted === true) throw cancelled(method, url)
      if (isWaybillError(thrown)) throw thrown
      if (retries === 0) throw networkError(method, url, thrown)
      error = thrown
    }
    const time = patience.delay(attempt, retries, { method, url, response, error, signal })
    if (time === undefined && response !== undefined) return response
    if (time === undefined) throw networkError(method, url, error)
    await response?.discard()
    await pause(time, signal)
  }
}
