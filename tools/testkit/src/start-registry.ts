import type { Faults } from './faults/fault.ts'
import { withFaults } from './faults/with-faults.ts'
import { listen, type ListenOptions } from './listen.ts'
import { withLog, type LoggedRequest, type LogOptions } from './log.ts'
import type { Handler, Wrapper } from './message.ts'
import type { RouteOptions } from './routes/route.ts'
import { createRoutes } from './routes/routes.ts'
import { diskStorage } from './store/disk.ts'
import { memoryStorage } from './store/memory.ts'
import { createStore } from './store/store.ts'

export interface RegistryOptions
  extends ListenOptions, LogOptions, Omit<RouteOptions, 'immutable'> {
  /** The folder everything is kept in. @default nowhere: everything is in memory */
  readonly root?: string | undefined
  /** Tags that cannot be moved or deleted once they are set: all of them, or those that match. @default none */
  readonly immutableTags?: boolean | RegExp
  /** What goes wrong, by request number. @default nothing */
  readonly faults?: Faults | undefined
  /** Wraps the whole registry in behaviour of your own. */
  readonly wrap?: Wrapper
}

/** A registry that is running. */
export interface TestRegistry {
  /** `host:port`, as it begins a reference. */
  readonly address: string
  /** What was asked, in the order of coming. */
  readonly requests: readonly LoggedRequest[]
  /** Puts other faults in place of the present ones; counting begins again with the next request. */
  inject(faults: Faults): void
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
  const wrapped = options.wrap?.(withVersion(routes)) ?? withVersion(routes)
  const { handler, inject } = withFaults(wrapped, options.faults)
  const requests: LoggedRequest[] = []
  const listening = await listen(withLog(handler, requests, options), options)
  return { ...listening, requests, inject }
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
