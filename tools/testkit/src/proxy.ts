import { request as requestHttp, type IncomingMessage } from 'node:http'
import { request as requestHttps } from 'node:https'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { messageOf } from '@waybill/core'
import type { Faults } from './faults/fault.ts'
import { withFaults } from './faults/with-faults.ts'
import { listen, type ListenOptions } from './listen.ts'
import { withLog, type LoggedRequest, type LogOptions } from './log.ts'
import { problem, type Handler, type RegistryReply, type RegistryRequest } from './message.ts'

export interface ProxyOptions extends ListenOptions, LogOptions {
  /** The real registry: `host:port`, or with `http://` or `https://`. */
  readonly target: string
  /** What goes wrong on the way. @default nothing */
  readonly faults?: Faults | undefined
}

/** A proxy that is running. */
export interface TestProxy {
  /** `host:port`, as it begins a reference. */
  readonly address: string
  /** What was asked, in the order of coming. */
  readonly requests: readonly LoggedRequest[]
  /** Puts other faults in place of the present ones; counting begins again with the next request. */
  inject(faults: Faults): void
  close(): Promise<void>
}

/**
 * Starts a proxy in front of a real registry (or any other HTTP server), with faults to inject. The client's Host is passed on,
 * so that absolute locations lead through the proxy again.
 * @throws {ERR_PORT_IN_USE} {ERR_CANNOT_LISTEN} {ERR_INVALID_ADDRESS} {ERR_INVALID_FAULT}
 */
export async function startProxy(options: ProxyOptions): Promise<TestProxy> {
  const target = new URL(
    options.target.includes('://') ? options.target : `http://${options.target}`,
  )
  const { handler, inject } = withFaults(forward(target), options.faults)
  const requests: LoggedRequest[] = []
  const listening = await listen(withLog(handler, requests, options), options)
  return { ...listening, requests, inject }
}

function forward(target: URL): Handler {
  return async (request) => {
    try {
      return toReply(request, await pass(request, target))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ECONNRESET') throw error // ours is broken as well
      return problem(502, 'UNKNOWN', `${target.host}: ${messageOf(error)}`)
    }
  }
}

function pass(request: RegistryRequest, target: URL): Promise<IncomingMessage> {
  const open = target.protocol === 'https:' ? requestHttps : requestHttp
  const { method, headers } = request
  const options = { method, headers: endToEnd(Object.entries(headers)), agent: false }
  return new Promise((resolve, reject) => {
    const upstream = open(new URL(request.target, target), options)
    upstream.once('response', resolve)
    upstream.on('error', reject)
    // An early answer may end the connection under the body; the answer is what counts.
    pipeline(Readable.from(request.body), upstream).catch(reject)
  })
}

function toReply({ method }: RegistryRequest, answer: IncomingMessage): RegistryReply {
  const reply = { status: answer.statusCode ?? 502, headers: endToEnd(pairs(answer.rawHeaders)) }
  if (method !== 'HEAD') return { ...reply, body: answer }
  answer.resume()
  return reply
}

function pairs(raw: readonly string[]): readonly (readonly [string, string])[] {
  return raw.flatMap((name, at) => (at % 2 === 0 ? [[name, raw[at + 1] ?? ''] as const] : []))
}

// RFC 9110 section 7.6.1: these are between the two ends of one connection.
const HOP_BY_HOP = new Set(['connection', 'keep-alive', 'transfer-encoding', 'expect'])

function endToEnd(
  headers: readonly (readonly [string, string | string[] | undefined])[],
): Record<string, string | string[]> {
  const kept = new Map<string, string[]>()
  for (const [name, value] of headers) {
    if (value === undefined || HOP_BY_HOP.has(name.toLowerCase())) continue
    kept.set(name, [...(kept.get(name) ?? []), ...[value].flat()])
  }
  const unwrapped = [...kept].map(([name, [first = '', ...more]]) =>
    more.length === 0 ? ([name, first] as const) : ([name, [first, ...more]] as const),
  )
  return Object.fromEntries(unwrapped)
}
