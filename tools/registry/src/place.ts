import { scopeOf, type Scopes } from './auth/scopes.ts'
import type { Host } from './host.ts'

/** One repository of a host, as its requests need it. */
export interface RepositoryClient {
  readonly host: Host
  readonly repository: string
  /** For messages: `ghcr.io/acme/scim`. */
  readonly name: string
  /** Whether it will be written to: its tokens are then asked for once, with that right. */
  readonly writes: boolean
}

/** The scope of reading, or of all the place is used for. */
export const readScope = ({ repository, writes }: RepositoryClient): Scopes =>
  writes ? scopeOf(repository, 'pull', 'push') : scopeOf(repository, 'pull')

/** The scope of writing. */
export const writeScope = ({ repository }: RepositoryClient): Scopes =>
  scopeOf(repository, 'pull', 'push')
