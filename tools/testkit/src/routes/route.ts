import type { RegistryReply, RegistryRequest } from '../message.ts'
import type { Store } from '../store/store.ts'

/** What may differ between registries that are all conformant. */
export interface RouteOptions {
  /** Tags that, once set, cannot be moved or deleted. @default none */
  readonly immutable?: (tag: string, name: string) => boolean
  /** Accepts manifests whose blobs or children are not there. @default false */
  readonly sparse?: boolean
  /** Accepts images and indexes whose keys are ambiguous (`layers` beside `Layers`), as most registries do. @default false */
  readonly ambiguous?: boolean
  /** The largest manifest in bytes. @default 4 MiB, the least the specification wants */
  readonly manifestLimit?: number
}

/** What the routes of manifests work with. */
export interface Desk {
  readonly store: Store
  readonly options: RouteOptions
}

/** Answers a request about a repository; `reference` is the last part of the path: a digest, a tag, an upload. */
export type RouteHandler = (
  request: RegistryRequest,
  name: string,
  reference: string,
) => Promise<RegistryReply>
