import { isDigest } from '@waybill/core'
import { createKeyedQueue } from '../lock.ts'
import { empty, problem, type RegistryReply } from '../message.ts'
import type { Store } from '../store/store.ts'
import { putManifest } from './put-manifest.ts'
import { isTag, mayNotChange, notAllowed, unknownName } from './replies.ts'
import type { Desk, RouteHandler, RouteOptions } from './route.ts'

/** GET, HEAD, PUT and DELETE of a manifest by tag or digest: end-3, end-7, end-9. */
export function manifestRoutes(store: Store, options: RouteOptions): RouteHandler {
  const desk: Desk = { store, options }
  const lock = createKeyedQueue()
  return async (request, name, reference) => {
    if (!isDigest(reference) && !isTag(reference)) return invalidReference(reference)
    switch (request.method) {
      case 'GET':
      case 'HEAD':
        return get(store, name, reference)
      case 'PUT':
        return lock(name, () => putManifest(desk, request, { name, reference }))
      case 'DELETE':
        return lock(name, () => remove(desk, name, reference))
      default:
        return notAllowed('GET, HEAD, PUT, DELETE')
    }
  }
}

async function get(store: Store, name: string, reference: string): Promise<RegistryReply> {
  const digest = isDigest(reference) ? reference : await store.tag(name, reference)
  const found = digest === undefined ? undefined : await store.manifest(name, digest)
  if (found === undefined) return missing(store, name, reference)
  return {
    status: 200,
    headers: {
      'Content-Type': found.mediaType,
      'Docker-Content-Digest': found.digest,
      ETag: `"${found.digest}"`,
    },
    body: found.bytes,
  }
}

async function remove(desk: Desk, name: string, reference: string): Promise<RegistryReply> {
  const { store } = desk
  if (isDigest(reference)) {
    for (const tag of await store.tags(name)) {
      const held = desk.options.immutable?.(tag, name) ?? false
      if (held && (await store.tag(name, tag)) === reference) return mayNotChange(name, tag)
    }
    const removed = await store.removeManifest(name, reference)
    return removed ? empty(202) : missing(store, name, reference)
  }
  if ((await store.tag(name, reference)) === undefined) return missing(store, name, reference)
  if (desk.options.immutable?.(reference, name) ?? false) return mayNotChange(name, reference)
  await store.removeTag(name, reference)
  return empty(202)
}

async function missing(store: Store, name: string, reference: string): Promise<RegistryReply> {
  if (!(await store.has(name))) return unknownName(name)
  return problem(404, 'MANIFEST_UNKNOWN', `there is no manifest ${reference} in ${name}`)
}

const invalidReference = (reference: string): RegistryReply =>
  reference.includes(':')
    ? problem(400, 'DIGEST_INVALID', `"${reference.slice(0, 160)}" is no digest`)
    : problem(404, 'MANIFEST_UNKNOWN', `"${reference.slice(0, 160)}" is neither a tag nor a digest`)
