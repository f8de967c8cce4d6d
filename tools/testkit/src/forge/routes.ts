import type { Handler, RegistryRequest } from '../message.ts'
import * as assets from './assets.ts'
import * as git from './git.ts'
import * as releases from './releases.ts'
import { notFound } from './replies.ts'
import { addressesOf } from './represent.ts'
import { refuseRead, refuseWrite, rightsOf, type ForgeTokens } from './rights.ts'
import type { ForgeRepository } from './state.ts'
import type { ForgeStore } from './store.ts'
import { gitTags, rememberedTags } from './tags.ts'
import type { Answer, Visit } from './visit.ts'

/** One repository of a forge. */
export interface ForgeRepositoryOptions {
  /** Read by tokens alone. @default false */
  readonly private?: boolean
  /** Releases never change once they are published. @default false */
  readonly immutableReleases?: boolean
  /** A git repository, whose tags and commits are this one's. @default any commit is there, tags are remembered */
  readonly git?: string
}

export interface ForgeRouteOptions {
  /** By owner and name. @default every repository that is asked for is there */
  readonly repositories?: Readonly<Record<string, ForgeRepositoryOptions>> | undefined
  /** Who may do what. @default any token everything, and reading needs none */
  readonly tokens?: ForgeTokens | undefined
  /** Whether files' digests are told, which GitHub does since June 2025. @default true */
  readonly digests?: boolean
  /** @default Date.now */
  readonly now?: () => number
}

interface Served {
  readonly store: ForgeStore
  storage(id: number): string
}

type Route = readonly [method: string, path: RegExp, answer: Answer, right: 'read' | 'write']

const API: readonly Route[] = [
  ['GET', /^$/, git.repository, 'read'],
  ['GET', /^\/git\/ref\/tags\/(.+)$/, git.ref, 'read'],
  ['GET', /^\/git\/tags\/([^/]+)$/, git.tag, 'read'],
  ['GET', /^\/releases$/, releases.list, 'read'],
  ['POST', /^\/releases$/, releases.create, 'write'],
  ['GET', /^\/releases\/latest$/, releases.latest, 'read'],
  ['POST', /^\/releases\/generate-notes$/, releases.notes, 'write'],
  ['GET', /^\/releases\/tags\/(.+)$/, releases.byTag, 'read'],
  ['GET', /^\/releases\/assets\/(\d+)$/, assets.byId, 'read'],
  ['DELETE', /^\/releases\/assets\/(\d+)$/, assets.remove, 'write'],
  ['GET', /^\/releases\/(\d+)$/, releases.byId, 'read'],
  ['PATCH', /^\/releases\/(\d+)$/, releases.update, 'write'],
  ['DELETE', /^\/releases\/(\d+)$/, releases.remove, 'write'],
  ['GET', /^\/releases\/(\d+)\/assets$/, assets.list, 'read'],
]
const UPLOADS: readonly Route[] = [['POST', /^\/releases\/(\d+)\/assets$/, assets.upload, 'write']]
const WEB: readonly Route[] = [
  ['GET', /^\/releases\/download\/(.+)\/([^/]+)$/, assets.download, 'read'],
]

/** Answers what a forge is asked of its repositories. */
export function forgeRoutes(served: Served, options: ForgeRouteOptions): Handler {
  return async (request) => {
    const found = placeOf(request.path)
    if (found === undefined) return notFound()
    const visit = visitOf(request, found.repository, served, options)
    if (visit === undefined) return notFound()
    const unreadable = refuseRead(visit.rights)
    if (unreadable !== undefined) return unreadable
    for (const [method, path, answer, right] of found.routes) {
      const parts = request.method === method ? path.exec(found.rest) : null
      if (parts === null) continue
      const refusal = right === 'write' ? refuseWrite(visit.rights) : undefined
      return refusal ?? answer(visit, ...parts.slice(1))
    }
    return notFound()
  }
}

interface Found {
  readonly routes: readonly Route[]
  readonly repository: string
  readonly rest: string
}

function placeOf(path: string): Found | undefined {
  const places = [
    { routes: API, at: /^\/api\/v3\/repos\/([^/]+\/[^/]+)(.*)$/ },
    { routes: UPLOADS, at: /^\/api\/uploads\/repos\/([^/]+\/[^/]+)(.*)$/ },
    { routes: WEB, at: /^\/([^/]+\/[^/]+)(\/releases\/.*)$/ },
  ]
  for (const { routes, at } of places) {
    const [, repository, rest = ''] = at.exec(path) ?? []
    if (repository !== undefined) return { routes, repository, rest }
  }
  return undefined
}

function visitOf(
  request: RegistryRequest,
  name: string,
  { store, storage }: Served,
  options: ForgeRouteOptions,
): Visit | undefined {
  const { repositories, tokens, digests = true, now = Date.now } = options
  const own = repositories === undefined ? {} : repositories[name]
  if (own === undefined) return undefined
  const { private: isPrivate = false, immutableReleases: immutable = false } = own
  const repository = remembered(store, name)
  return {
    request,
    store,
    storage,
    repository,
    tags: own.git === undefined ? rememberedTags(repository, now) : gitTags(own.git),
    rights: rightsOf(request, tokens, isPrivate),
    at: addressesOf(request.origin),
    private: isPrivate,
    immutable,
    digests,
    now,
  }
}

function remembered({ state }: ForgeStore, name: string): ForgeRepository {
  return (state.repositories[name] ??= { name, releases: [], latest: null, tags: {}, spent: [] })
}
