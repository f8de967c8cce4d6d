import type { RegistryReply, RegistryRequest } from '../message.ts'
import { json } from '../message.ts'
import type { Addresses } from './represent.ts'
import type { Rights } from './rights.ts'
import type { ForgeRepository } from './state.ts'
import type { ForgeStore } from './store.ts'
import type { ForgeTags } from './tags.ts'

/** A request to a repository, and everything that is needed to answer it. */
export interface Visit {
  readonly request: RegistryRequest
  readonly store: ForgeStore
  readonly repository: ForgeRepository
  readonly tags: ForgeTags
  readonly rights: Rights
  readonly at: Addresses
  readonly private: boolean
  /** Whether releases are immutable once published. */
  readonly immutable: boolean
  /** Whether files' digests are told. */
  readonly digests: boolean
  now(): number
  /** Where the bytes of a file are handed out, without a token. */
  storage(id: number): string
}

/** What answers a route: the visit and the parts of the path. */
export type Answer = (visit: Visit, ...parts: readonly string[]) => Promise<RegistryReply>

/** The next number for anything new. */
export function nextId({ store: { state } }: Visit): number {
  return (state.lastId += 1)
}

/** The JSON of a request's body; nothing where it is none. */
export async function readBody({ request }: Visit): Promise<Readonly<Record<string, unknown>>> {
  const chunks: Uint8Array[] = []
  for await (const chunk of request.body) chunks.push(chunk)
  try {
    const value: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'))
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}

/** One page of a list, with the links to the others. */
export function paged({ request, at }: Visit, items: readonly object[]): RegistryReply {
  const asked = (name: string, fallback: number): number =>
    Number(request.query.get(name) ?? fallback) || fallback
  const size = Math.min(100, asked('per_page', 30))
  const page = asked('page', 1)
  const last = Math.ceil(items.length / size)
  const url = new URL(request.target, at.web)
  const linkTo = (number: number, rel: string): string => {
    url.searchParams.set('page', String(number))
    return `<${url.href}>; rel="${rel}"`
  }
  const links = page < last ? [linkTo(page + 1, 'next'), linkTo(last, 'last')] : []
  const headers = links.length === 0 ? {} : { Link: links.join(', ') }
  return json(items.slice((page - 1) * size, page * size), { headers })
}
