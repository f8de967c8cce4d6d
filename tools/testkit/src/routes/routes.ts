import { json, problem, type Handler, type RegistryReply } from '../message.ts'
import type { Store } from '../store/store.ts'
import { blobRoutes } from './blobs.ts'
import { manifestRoutes } from './manifests.ts'
import type { RouteHandler, RouteOptions } from './route.ts'
import { catalog, referrersRoute, tagsRoute } from './lists.ts'
import { uploadRoutes } from './uploads.ts'

// OCI distribution-spec, "Pulling manifests": <name>. Longer names exceed what clients accept.
const NAME = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/
const NAME_LIMIT = 255

/** The distribution specification's API over a store. */
export function createRoutes(store: Store, options: RouteOptions = {}): Handler {
  const table: readonly (readonly [RegExp, RouteHandler])[] = [
    [/^(.+)\/blobs\/uploads\/?([^/]*)$/, uploadRoutes(store)],
    [/^(.+)\/blobs\/([^/]+)$/, blobRoutes(store)],
    [/^(.+)\/manifests\/([^/]+)$/, manifestRoutes(store, options)],
    [/^(.+)\/tags\/(list)$/, tagsRoute(store)],
    [/^(.+)\/referrers\/([^/]+)$/, referrersRoute(store)],
  ]
  return async (request) => {
    if (request.path === '/v2/' || request.path === '/v2') return json({})
    if (request.path === '/v2/_catalog') return catalog(store, request)
    const rest = request.path.startsWith('/v2/') ? request.path.slice('/v2/'.length) : ''
    for (const [pattern, route] of table) {
      const [, name, reference = ''] = pattern.exec(rest) ?? []
      if (name === undefined) continue
      if (name.length > NAME_LIMIT || !NAME.test(name)) return invalidName(name)
      return route(request, name, reference)
    }
    return problem(404, 'UNSUPPORTED', `there is nothing at ${request.path}`)
  }
}

const invalidName = (name: string): RegistryReply =>
  problem(400, 'NAME_INVALID', `invalid repository name "${name.slice(0, NAME_LIMIT)}"`)
