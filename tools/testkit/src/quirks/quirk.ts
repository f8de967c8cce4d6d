import { isDigest } from '@waybill/core'
import type { Handler, RegistryReply, RegistryRequest } from '../message.ts'

/** What quirks may ask of the registry they are put around. */
export interface QuirkSetting {
  readonly immutable: (tag: string, name: string) => boolean
  /** The repositories that were made beforehand; undefined: whichever. */
  readonly repositories: readonly string[] | undefined
  /** `http://host:port` of the server that blobs are kept on. */
  readonly storage: () => string
}

/** A way in which a registry differs from the specification, or from the others. */
export type Quirk = (next: Handler, setting: QuirkSetting) => Handler

/** Where in the API a request leads. */
export interface ApiPath {
  readonly kind: 'upload' | 'blob' | 'manifest' | 'tags' | 'referrers' | 'other'
  readonly name: string
  readonly reference: string
}

const PATTERNS = [
  ['upload', /^\/v2\/(.+)\/blobs\/uploads\/?([^/]*)$/],
  ['blob', /^\/v2\/(.+)\/blobs\/([^/]+)$/],
  ['manifest', /^\/v2\/(.+)\/manifests\/([^/]+)$/],
  ['tags', /^\/v2\/(.+)\/tags\/(list)$/],
  ['referrers', /^\/v2\/(.+)\/referrers\/([^/]+)$/],
] as const

/** Reads where a path leads. */
export function apiPathOf(path: string): ApiPath {
  for (const [kind, pattern] of PATTERNS) {
    const [, name, reference = ''] = pattern.exec(path) ?? []
    if (name !== undefined) return { kind, name, reference }
  }
  return { kind: 'other', name: '', reference: '' }
}

/** Whether a request puts or moves a tag, and which. */
export function taggedBy(request: RegistryRequest): string | undefined {
  const { kind, reference } = apiPathOf(request.path)
  const tags = request.method === 'PUT' && kind === 'manifest' && !isDigest(reference)
  return tags ? reference : undefined
}

/** A request without some of its query. */
export function without(request: RegistryRequest, ...names: readonly string[]): RegistryRequest {
  const query = new URLSearchParams(request.query)
  for (const name of names) query.delete(name)
  return { ...request, query }
}

/** The error code in a reply, as far as it is one of the specification's. */
export function codeOf(reply: RegistryReply): string | undefined {
  if (reply.status < 400 || !(reply.body instanceof Uint8Array)) return undefined
  try {
    const body = JSON.parse(Buffer.from(reply.body).toString()) as { errors?: { code?: string }[] }
    return body.errors?.[0]?.code
  } catch {
    return undefined
  }
}

/** Whether a request only looks. */
export function reads({ method }: RegistryRequest): boolean {
  return method === 'GET' || method === 'HEAD'
}
