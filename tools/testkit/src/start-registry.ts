import { isDigest } from '@waybill/core'
import { withAuth, type AuthOptions } from './auth.ts'
import type { Faults } from './faults/fault.ts'
import { withFaults } from './faults/with-faults.ts'
import { listen, type Listening, type ListenOptions } from './listen.ts'
import { withLog, type LoggedRequest, type LogOptions } from './log.ts'
import type { Handler, Wrapper } from './message.ts'
import { findProfile, type Profile, type ProfileName } from './quirks/profiles.ts'
import type { QuirkSetting } from './quirks/quirk.ts'
import { redirectsBlobs, servesStorage } from './quirks/uploads.ts'
import type { RouteOptions } from './routes/route.ts'
import { createRoutes } from './routes/routes.ts'
import { diskStorage } from './store/disk.ts'
import { memoryStorage } from './store/memory.ts'
import { createStore, type Store } from './store/store.ts'

export interface RegistryOptions
  extends ListenOptions, LogOptions, Omit<RouteOptions, 'immutable'> {
  /** The folder everything is kept in. @default nowhere: everything is in memory */
  readonly root?: string | undefined
  /** The registry whose quirks it shall have. @default none: it does what the specification says */
  readonly like?: ProfileName | undefined
  /** What goes wrong, by request number. @default nothing */
  readonly faults?: Faults | undefined
  /** Who may do what. @default everybody everything */
  readonly auth?: AuthOptions | undefined
  /** Tags that cannot be moved or deleted once they are set: all of them, or those that match. @default none */
  readonly immutableTags?: boolean | RegExp
  /** The repositories there are, for a profile (`ecr`) that makes none by itself. @default any */
  readonly repositories?: readonly string[]
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
  /**
   * Loses a blob or manifest (by its digest) or a tag, as a failing disk or a careless clean-up does: what names it stays. Tells whether it was there.
   */
  lose(repository: string, reference: string): Promise<boolean>
  /** Ends every connection and frees the port; what is on disk stays. */
  close(): Promise<void>
}

/**
 * Starts a registry: the whole of the OCI distribution specification 1.1, in memory or in a folder.
 * A folder is readable after a kill at any moment and can be served again.
 * @throws {ERR_PORT_IN_USE} {ERR_CANNOT_LISTEN} {ERR_INVALID_ADDRESS} {ERR_NOT_WRITABLE} {ERR_DISK_FULL} {ERR_INVALID_FAULT} {ERR_UNKNOWN_PROFILE}
 */
export async function startRegistry(options: RegistryOptions = {}): Promise<TestRegistry> {
  const profile = options.like === undefined ? undefined : findProfile(options.like)
  const servers: Listening[] = []
  const storage = (): string =>
    `${options.tls === undefined ? 'http' : 'https'}://${servers.at(-1)!.address}`
  const { root } = options
  const store = createStore(root === undefined ? memoryStorage() : await diskStorage(root))
  const behaving = behave(options, { profile, storage, store })
  const { handler, inject } = withFaults(behaving, options.faults)
  const requests: LoggedRequest[] = []
  const logged = withLog(handler, requests, options)
  servers.push(await listen(logged, options))
  if (redirects(profile)) servers.push(await listen(logged, { tls: options.tls }))
  const close = async (): Promise<void> => void (await Promise.all(servers.map((s) => s.close())))
  const lose: TestRegistry['lose'] = async (name, reference) => {
    if (!isDigest(reference)) return store.removeTag(name, reference)
    const lost = [store.removeBlob(name, reference), store.loseManifest(name, reference)]
    return (await Promise.all(lost)).includes(true)
  }
  return { address: servers[0]!.address, requests, inject, lose, close }
}

interface Behind {
  readonly profile: Profile | undefined
  readonly storage: () => string
  readonly store: Store
}

// From the inside out: routes, what is said of them, quirks, rights, the storage beside them, the caller's own.
function behave(options: RegistryOptions, { profile, storage, store }: Behind): Handler {
  const { immutableTags = false, auth, wrap = (next) => next } = options
  const immutable: QuirkSetting['immutable'] = (tag) => isImmutable(tag, immutableTags)
  const setting: QuirkSetting = { immutable, repositories: options.repositories, storage }
  const plain = createRoutes(store, { ...options, immutable })
  const quirked = (profile?.quirks ?? []).reduceRight((next, quirk) => quirk(next, setting), plain)
  const rights =
    auth === undefined
      ? undefined
      : { kind: profile?.auth, refusesDelete: profile?.refusesDelete, ...auth }
  const guarded = rights === undefined ? quirked : withAuth(quirked, rights)
  const storing = redirects(profile) ? besides(servesStorage(plain, setting), guarded) : guarded
  return wrap(withVersion(storing))
}

function redirects(profile: Profile | undefined): boolean {
  return profile?.quirks.includes(redirectsBlobs) ?? false
}

function besides(storage: Handler, registry: Handler): Handler {
  return (request) => (request.path.startsWith('/_storage/') ? storage : registry)(request)
}

function isImmutable(tag: string, tags: boolean | RegExp): boolean {
  return tags instanceof RegExp ? tag.search(tags) !== -1 : tags
}

// Old clients take an answer without it for that of some other server.
function withVersion(next: Handler): Handler {
  return async (request) => {
    const reply = await next(request)
    const headers = { 'Docker-Distribution-Api-Version': 'registry/2.0', ...reply.headers }
    return { ...reply, headers }
  }
}
