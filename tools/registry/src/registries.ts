import { createContext, type Destination, type Destinations } from '@waybill/core'
import { destination } from './destination.ts'
import type { RepositoryOptions } from './repository.ts'

/** One of `registries`: a reference, or more about it. */
export type RegistryAddress =
  | string
  | { readonly at: string; readonly optional?: boolean | undefined }

/**
 * Makes destinations of repositories, by names of your own; all share connections and tokens.
 * @throws {ERR_INVALID_REFERENCE}
 */
export function registries<Name extends string>(
  entries: Readonly<Record<Name, RegistryAddress>>,
  options: RepositoryOptions = {},
): Destinations<Name> {
  const context = { ...options, ...createContext(options) }
  const made = Object.entries<RegistryAddress>(entries).map(
    ([name, entry]): [string, Destination] => {
      const { at, optional } =
        typeof entry === 'string' ? { at: entry, optional: undefined } : entry
      const required = optional === undefined ? options.required : !optional
      return [name, destination(at, { ...context, required })]
    },
  )
  return Object.fromEntries(made) as Destinations<Name>
}
