import { existsSync } from 'node:fs'
import type { Context, Destinations } from '@waybill/core'
import type { Hook } from '@waybill/publish'
import type { Definition, ImageEntry } from '../definition/types.ts'
import { givenDestinations } from '../release/destinations.ts'
import { definedHooks, skippedHooks } from '../release/hooks.ts'
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
  destinations(image: ImageEntry): Destinations
  /** What runs before rolling names move; nothing on loopback. */
  readonly hooks: (image: ImageEntry) => readonly Hook[]
  close(): Promise<void>
}

/** Opens the real repositories that were named, or else registries and a git remote in the state folder. */
export async function openPlaces(
  definition: Definition,
  state: RehearsalState,
  options: PlacesOptions & Context,
): Promise<Places> {
  const { to = [] } = options
  if (to.length > 0) {
    const destinations = (): Destinations => givenDestinations(to, [], options)
    return { destinations, hooks: definedHooks, close: async () => {} }
  }
  if (definition.git !== undefined && !existsSync(state.git)) {
    await options.exec('git', ['init', '--quiet', '--bare', state.git])
  }
  const registries = await startRegistries(definition, state)
  return {
    destinations: (image) => registries.destinations(image, options),
    hooks: (image) => skippedHooks(image, options.logger),
    close: registries.close,
  }
}
