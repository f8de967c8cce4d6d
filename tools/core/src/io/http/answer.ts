import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { collect } from '../../values/bytes.ts'
import { cancelled, networkError, shown } from './errors.ts'
import { DROPPED, createPace, wholeTime } from './pace.ts'
import type { NamedRequest } from './sending.ts'
import type { HttpResponse } from '../../ports/http.ts'

/** What was asked, and the window by which the answer is measured. */
export interface Asked {
  readonly request: NamedRequest
  readonly url: string
  readonly window: number
}

/** The answer as its reader sees it, bounded as `http-pace.ts` says. */
export function asResponse(incoming: IncomingMessage, asked: Asked): HttpResponse {
  const body = pieces(incoming, asked)
  const { request, url, window } = asked
  return {
    status: incoming.statusCode!,
    url,
    headers: headersOf(incoming),
    body,
    bytes: (limit) =>
      inWholeTime(incoming, wholeTime(window, limit), collect(body, limit, shown(url))),
    discard: () => discard(incoming, request.method),
  }
}

async function inWholeTime(
  incoming: IncomingMessage,
  time: number,
  collected: Promise<Uint8Array>,
): Promise<Uint8Array> {
  const late = (): unknown =>
    incoming.destroy(new Error(`the answer was not whole after ${time} ms`))
  const timer = setTimeout(late, time)
  try {
    return await collected
  } finally {
    clearTimeout(timer)
  }
}

function headersOf(incoming: IncomingMessage): Record<string, string | string[]> {
  const distinct = Object.entries(incoming.headersDistinct)
  return Object.fromEntries(
    distinct.map(([name, values = []]) => [name, values.length === 1 ? values[0]! : values]),
  )
}

async function* pieces(
  incoming: IncomingMessage,
  { request: { method, signal }, url, window }: Asked,
): AsyncGenerator<Uint8Array, void, undefined> {
  const iterator = incoming[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>
  const pace = createPace(window, (reason) => incoming.destroy(new Error(reason)))
  try {
    for (;;) {
      pace.wait()
      const next = await iterator.next()
      if (next.done === true) return
      pace.came(next.value.byteLength)
      yield next.value
    }
  } catch (error) {
    throw signal?.aborted === true ? cancelled(method, url) : networkError(method, url, error)
  } finally {
    pace.stop()
    await iterator.return?.()
  }
}

// What is announced to be long is not even begun; what turns out to be, or to come slowly, is left.
async function discard(incoming: IncomingMessage, method: string): Promise<void> {
  const announced = method === 'HEAD' ? 0 : Number(incoming.headers['content-length'] ?? 0)
  if (announced > DROPPED.bytes) incoming.destroy()
  if (incoming.destroyed || incoming.readableEnded) return
  let read = 0
  incoming.on('error', () => {})
  incoming.on('data', (piece: Uint8Array) => {
    read += piece.byteLength
    if (read > DROPPED.bytes) incoming.destroy()
  })
  const timer = setTimeout(() => incoming.destroy(), DROPPED.time)
  await once(incoming, 'close').catch(() => {})
  clearTimeout(timer)
}
