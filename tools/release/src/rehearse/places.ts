import { existsSync } from 'node:fs'
import {
  initBareRepository,
  type Context,
  type Destination,
  type Destinations,
} from '@waybill/core'
import type { Hook } from '@waybill/publish'
import type { Definition, ImageEntry } from '../definition/types.ts'
import { gitDestination, givenDestinations } from '../line/destinations.ts'
import { definedHooks, skippedHooks } from '../line/hooks.ts'
import type { PageContent, PageEntry } from '../line/page.ts'
import { startRehearsalForge } from './forge.ts'
import { startRegistries } from './registries.ts'
import type { RehearsalState } from './state.ts'

export interface PlacesOptions {
  /** Real repositories in place of the registries on loopback, one a registry. */
  readonly to?: readonly string[] | undefined
  /** Registries asked over http; those on loopback are without being named. */
  readonly plainHttp?: readonly string[] | undefined
  /** A PEM file of certificates trusted beside the built-in ones. */
  readonly caFile?: string | undefined
}

/** Where a rehearsal publishes to. */
export interface Places {
  destinations(image: ImageEntry | undefined): Destinations
  /** What runs before rolling names move; nothing on loopback. */
  readonly hooks: (image: ImageEntry) => readonly Hook[]
  /** A component's release page; absent where only real repositories were named. */
  readonly page?: (page: PageEntry, content: PageContent) => Promise<Destination>
  close(): Promise<void>
}

/** Opens the real repositories that were named, or else registries and a git remote in the state folder. */
export async function openPlaces(
  definition: Definition,
  state: RehearsalState,
  options: PlacesOptions & Context,
): Promise<Places> {
  const { to = [] } = options
  const hasGit = definition.git !== undefined
  if (hasGit && !existsSync(state.git)) {
    await initBareRepository(state.git, options)
  }
  if (to.length > 0) {
    // What has no image can't go where images go: its tag stays in the state folder.
    const tagOnly = Object.fromEntries(gitDestination(hasGit ? state.git : undefined, options))
    const destinations: Places['destinations'] = (image) =>
      image === undefined ? tagOnly : givenDestinations(to, [], options)
    return { destinations, hooks: definedHooks, close: async () => {} }
  }
  const registries = await startRegistries(definition, state)
  const forge = await startRehearsalForge(definition, state)
  return {
    destinations: (image) => registries.destinations(image, options),
    hooks: (image) => skippedHooks(image, options.logger),
    ...(forge === undefined
      ? {}
      : { page: async (page, content) => forge.page(page, content, options) }),
    close: async () => {
      await forge?.close()
      await registries.close()
    },
  }
}
