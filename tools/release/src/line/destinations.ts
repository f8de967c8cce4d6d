import {
  WaybillError,
  type ContextOptions,
  type Destination,
  type Destinations,
} from '@waybill/core'
import { gitRemote } from '@waybill/publish'
import { destination, parseReference, type RepositoryOptions } from '@waybill/registry'
import type { Definition, ImageEntry, RegistryEntry } from '../definition/types.ts'

/**
 * Where a release of the definition goes: its image, where it has one, to its repository in every registry; its tag to the git remote,
 * where one is named.
 */
export function definedDestinations(
  definition: Definition,
  image: ImageEntry | undefined,
  options: RepositoryOptions = {},
): Destinations {
  const registries = image === undefined ? {} : imageDestinations(definition, image, options)
  return { ...registries, ...Object.fromEntries(gitDestination(definition.git?.remote, options)) }
}

/** Where an image of the definition goes: to its repository in every registry. */
export function imageDestinations(
  { registries = {} }: Definition,
  { repository }: ImageEntry,
  options: RepositoryOptions = {},
): Destinations {
  const made = Object.entries(registries).map(([name, entry]): [string, Destination] => {
    const { at, optional } = normal(entry)
    return [name, destination(`${at}/${repository}`, { ...options, required: optional !== true })]
  })
  return Object.fromEntries(made)
}

/** Where an image goes when the command line says so: `--to REPO`, once a registry. */
export function givenDestinations(
  repositories: readonly string[],
  optional: readonly string[],
  options: RepositoryOptions = {},
): Destinations {
  const all = [
    ...repositories.map((name) => ({ name, required: true })),
    ...optional.map((name) => ({ name, required: false })),
  ]
  for (const { name } of all) assertRepository(name)
  const made = all.map(
    ({ name, required }) => [name, destination(name, { ...options, required })] as const,
  )
  const names = new Set(made.map(([, { name }]) => name))
  if (names.size === made.length) return Object.fromEntries(made)
  throw new WaybillError(
    'ERR_USAGE',
    `The same repository is named twice: ${all.map(({ name }) => name).join(', ')}`,
    { outcome: 'usage' },
  )
}

function assertRepository(name: string): void {
  const { tag, digest } = parseReference(name)
  if (tag === undefined && digest === undefined) return
  throw new WaybillError(
    'ERR_USAGE',
    `A destination is a repository without tag or digest, found ${name}`,
    {
      outcome: 'usage',
      hint: 'The tags are made from the version; leave what stands behind the repository out.',
    },
  )
}

/** The git remote as a destination, or nothing. */
export function gitDestination(
  remote: string | undefined,
  options: ContextOptions = {},
): [string, Destination][] {
  return remote === undefined ? [] : [['git', gitRemote(remote, options)]]
}

/** A registry entry in its long form. */
export function normal(entry: RegistryEntry): { readonly at: string; readonly optional?: boolean } {
  return typeof entry === 'string' ? { at: entry } : entry
}
