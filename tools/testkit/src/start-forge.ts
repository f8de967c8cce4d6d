import type { Faults } from './faults/fault.ts'
import { withFaults } from './faults/with-faults.ts'
import { withLimit, type ForgeLimit } from './forge/limit.ts'
import { refused } from './forge/replies.ts'
import { withTokens } from './forge/rights.ts'
import { forgeRoutes, type ForgeRouteOptions } from './forge/routes.ts'
import type { ForgeRepository } from './forge/state.ts'
import { diskForge, memoryForge, type ForgeStore } from './forge/store.ts'
import { listen, type ListenOptions } from './listen.ts'
import { withLog, type LoggedRequest, type LogOptions } from './log.ts'
import type { Handler, Wrapper } from './message.ts'

export interface ForgeOptions extends ListenOptions, LogOptions, ForgeRouteOptions {
  /** The folder everything is kept in. @default nowhere: everything is in memory */
  readonly root?: string | undefined
  /** What goes wrong, by request number. @default nothing */
  readonly faults?: Faults | undefined
  /** How much may be asked. @default any amount */
  readonly limit?: ForgeLimit | undefined
  /** Wraps the whole forge in behaviour of your own. */
  readonly wrap?: Wrapper
}

/** A forge that is running. */
export interface TestForge {
  /** `host:port`. */
  readonly address: string
  /** The API's URL, laid out as on a GitHub Enterprise Server: `http://host:port/api/v3`. */
  readonly api: string
  /** What was asked, in the order of coming; what is asked of the storage behind it is not among it. */
  readonly requests: readonly LoggedRequest[]
  /** What was asked of the storage, where no token belongs. */
  readonly storageRequests: readonly LoggedRequest[]
  /** What stands in a repository now. */
  repository(name: string): ForgeRepository | undefined
  /** Puts other faults in place of the present ones; counting begins again with the next request. */
  inject(faults: Faults): void
  /** Ends every connection and frees the ports; what is on disk stays. */
  close(): Promise<void>
}

/**
 * Starts a forge: what of GitHub's REST API a release needs, in memory or in a folder, held to GitHub's own description of it.
 * @throws {ERR_PORT_IN_USE} {ERR_CANNOT_LISTEN} {ERR_INVALID_ADDRESS} {ERR_NOT_WRITABLE} {ERR_DISK_FULL} {ERR_INVALID_FAULT}
 */
export async function startForge(options: ForgeOptions = {}): Promise<TestForge> {
  const store = options.root === undefined ? memoryForge() : await diskForge(options.root)
  const storageRequests: LoggedRequest[] = []
  const storage = await listen(withLog(storageOf(store), storageRequests, {}), {
    tls: options.tls,
  })
  const scheme = options.tls === undefined ? 'http' : 'https'
  const served = { store, storage: (id: number) => `${scheme}://${storage.address}/${id}` }
  const { handler, inject } = withFaults(behave(served, options), options.faults)
  const requests: LoggedRequest[] = []
  const server = await listen(withLog(handler, requests, options), options)
  return {
    address: server.address,
    api: `${scheme}://${server.address}/api/v3`,
    requests,
    storageRequests,
    repository: (name) => store.state.repositories[name],
    inject,
    close: async () => void (await Promise.all([server.close(), storage.close()])),
  }
}

function behave(served: Parameters<typeof forgeRoutes>[0], options: ForgeOptions): Handler {
  const { tokens, limit, now = Date.now, wrap = (next) => next } = options
  const known = withTokens(forgeRoutes(served, options), tokens)
  return wrap(limit === undefined ? known : withLimit(known, limit, now))
}

// As object stores do, it refuses a request that is authorized twice: by its address, and by a token that has no business here.
function storageOf(store: ForgeStore): Handler {
  return async ({ path, headers }) => {
    if (headers.authorization !== undefined)
      return refused(400, 'Only one authorization is allowed')
    const id = Number(path.slice(1))
    const assets = Object.values(store.state.repositories).flatMap(({ releases }) =>
      releases.flatMap((release) => release.assets),
    )
    const asset = assets.find((one) => one.id === id)
    if (asset === undefined) return refused(404, 'Not Found')
    const length = { 'Content-Length': String(asset.size), 'Content-Type': asset.contentType }
    return { status: 200, headers: length, body: store.read(id) }
  }
}
