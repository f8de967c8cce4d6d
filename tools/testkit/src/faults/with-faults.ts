import { setTimeout as sleep } from 'node:timers/promises'
import { digestOf } from '@waybill/core'
import {
  headerOf,
  problem,
  withHeader,
  type Handler,
  type RegistryReply,
  type RegistryRequest,
} from '../message.ts'
import type { Fault, Faults } from './fault.ts'
import { killClient } from './kill-client.ts'
import { toFaults } from './parse-faults.ts'

/** A handler with faults in front of it. */
export interface FaultyHandler {
  readonly handler: Handler
  /** Puts other faults in place of the present ones; counting begins again with the next request. */
  inject(faults: Faults): void
}

/** Lets a handler's requests fail by their number. @throws {ERR_INVALID_FAULT} */
export function withFaults(next: Handler, faults?: Faults): FaultyHandler {
  let counted = countersOf(faults)
  return {
    inject(others) {
      counted = countersOf(others)
    },
    // Every fault counts every request, so that one never shifts another.
    async handler(request) {
      const due = counted.filter((count) => count(request)).map(({ fault }) => fault)
      return due.reduceRight((handler, fault) => faulty(handler, fault), next)(request)
    },
  }
}

interface Counter {
  (request: RegistryRequest): boolean
  readonly fault: Fault
}

function countersOf(faults?: Faults): readonly Counter[] {
  return toFaults(faults).map((fault) => {
    const { at = 1, until = at } = fault
    let seen = 0
    const count = (request: RegistryRequest): boolean => {
      if (!matches(fault, request)) return false
      seen += 1
      return seen >= at && seen <= until
    }
    return Object.assign(count, { fault })
  })
}

function matches({ method, path }: Fault, request: RegistryRequest): boolean {
  if (method !== undefined && method !== request.method) return false
  if (path instanceof RegExp) return request.target.search(path) !== -1
  return path === undefined || request.target.includes(path)
}

const UNSENT: RegistryReply = { status: 500, cut: 'unsent' }

function faulty(next: Handler, fault: Fault): Handler {
  switch (fault.kind) {
    case 'drop':
      return async () => UNSENT
    case 'lose':
      return async (request) => lost(await next(request))
    case 'sever':
      return async (request) => lost(await next({ ...request, body: severed(request) }))
    case 'truncate':
      return async (request) => truncated(await next(request))
    case 'corrupt':
      return async (request) => corrupted(await next(request))
    case 'wrong-digest':
      return async (request) => misnamed(await next(request))
    case 'delay':
      return async (request) => (await pause(fault.value), next(request))
    case 'kill':
      return async (request) => (await killClient(request, fault), UNSENT)
    case 'kill-after':
      return async (request) => (await next(request), await killClient(request, fault), UNSENT)
    default:
      return async () => refusal(Number(fault.kind), fault.value)
  }
}

function refusal(status: number, retryAfter: number | undefined): RegistryReply {
  const headers = retryAfter === undefined ? {} : { 'Retry-After': `${retryAfter}` }
  if (status < 500) {
    return problem(status, status === 429 ? 'TOOMANYREQUESTS' : 'DENIED', 'a fault', headers)
  }
  const body = Buffer.from(`<html><body><h1>${status}</h1></body></html>\n`)
  return { status, headers: { 'Content-Type': 'text/html', ...headers }, body }
}

const lost = (reply: RegistryReply): RegistryReply => ({ ...reply, cut: 'unsent' })

const pause = (milliseconds = 1000): Promise<void> => sleep(milliseconds, undefined, { ref: false })

// To the handler it looks as if the client had gone away. Of a body of unknown length the first chunk is half.
async function* severed({ body, headers }: RegistryRequest): AsyncGenerator<Uint8Array> {
  const length = headers['content-length']
  let left = length === undefined ? undefined : Math.floor(Number(length) / 2)
  for await (const chunk of body) {
    const part = chunk.subarray(0, left)
    if (part.byteLength > 0) yield part
    left = left === undefined ? 0 : left - part.byteLength
    if (left === 0) break
  }
  throw Object.assign(new Error('the connection was severed'), { code: 'ECONNRESET' })
}

function truncated(reply: RegistryReply): RegistryReply {
  const { body } = reply
  if (body === undefined) return lost(reply)
  const size = body instanceof Uint8Array ? body.byteLength : headerOf(reply, 'Content-Length')
  return { ...reply, cut: Math.floor(Number(size ?? 2) / 2) }
}

function corrupted(reply: RegistryReply): RegistryReply {
  if (reply.body === undefined) return reply
  if (reply.body instanceof Uint8Array) return { ...reply, body: flipped(reply.body) }
  return { ...reply, body: flippedStream(reply.body) }
}

async function* flippedStream(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let first = true
  for await (const chunk of body) {
    yield first ? flipped(chunk) : chunk
    first = false
  }
}

function flipped(bytes: Uint8Array): Uint8Array {
  const copy = Uint8Array.from(bytes)
  const middle = copy.byteLength >> 1
  if (copy.byteLength > 0) copy[middle]! ^= 1
  return copy
}

const misnamed = (reply: RegistryReply): RegistryReply =>
  withHeader(reply, 'Docker-Content-Digest', digestOf('some other content'))
