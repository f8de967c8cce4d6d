import { listen, type ListenOptions } from './listen.ts'
import { withLog, type LoggedRequest } from './log.ts'
import type { Handler } from './message.ts'
import type { RouteOptions } from './routes/route.ts'
import { createRoutes } from './routes/routes.ts'
import { diskStorage } from './store/disk.ts'
import { memoryStorage } from './store/memory.ts'
import { createStore } from './store/store.ts'

export interface RegistryOptions extends ListenOptions, Omit<RouteOptions, 'immutable'> {
  /** The folder everything is kept in. @default nowhere: everything is in memory */
  readonly root?: string | undefined
  /** Tags that cannot be moved or deleted once they are set: all of them, or those that match. @default none */
  readonly immutableTags?: boolean | RegExp
  /** How many of the latest requests `requests` holds. @default 10000 */
  readonly keep?: number
  /** Called when a request has been answered. */
  readonly onRequest?: (request: LoggedRequest) => void
}

/** A registry that is running. */
export interface TestRegistry {
  /** `host:port`, as it begins a reference. */
  readonly address: string
  /** What was asked, in the order of coming. */
  readonly requests: readonly LoggedRequest[]
  /** Ends every connection and frees the port; what is on disk stays. */
  close(): Promise<void>
}

/**
 * Starts a registry: the whole of the OCI distribution specification 1.1, in memory or in a folder.
 * A folder is readable after a kill at any moment and can be served again.
 * @throws {ERR_PORT_IN_USE} {ERR_CANNOT_LISTEN} {ERR_INVALID_ADDRESS} {ERR_NOT_WRITABLE} {ERR_DISK_FULL}
 */
export async function startRegistry(options: RegistryOptions = {}): Promise<TestRegistry> {
  const storage = options.root === undefined ? memoryStorage() : await diskStorage(options.root)
  const routes = createRoutes(createStore(storage), {
    ...options,
    immutable: (tag) => isImmutable(tag, options.immutableTags ?? false),
  })
  const requests: LoggedRequest[] = []
  const logged = withLog(routes, requests, { ...options, limit: options.keep ?? 10_000 })
  const { address, close } = await listen(withVersion(logged), options)
  return { address, requests, close }
}

function isImmutable(tag: string, tags: boolean | RegExp): boolean {
  return tags instanceof RegExp ? tags.test(tag) : tags
}

// Old clients take an answer without it for that of some other server.
function withVersion(next: Handler): Handler {
  return async (request) => {
    const reply = await next(request)
    const headers = { 'Docker-Distribution-Api-Version': 'registry/2.0', ...reply.headers }
    return { ...reply, headers }
  }
}
