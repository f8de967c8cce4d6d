import {
  mapLimit,
  type Destination,
  type Naming,
  type PublishPlan,
  type Release,
} from '@waybill/core'
import { shapeOf } from './name-shape.ts'
import { encodeVersion, versionsOf, type Shape } from './version-names.ts'

/** A release as far as it is known: the version at least; git and forge destinations need its tag and commit too. */
export type Publishable = Pick<Release, 'version'> & Partial<Release>

/** What a destination is told of a release: whole, or as much as is known where its commit is. */
export function toldOf(release: Publishable): Release | undefined {
  return release.commit === undefined ? undefined : (release as Release)
}

/** The release of a plan, as far as the plan knows it. */
export function releaseOf(plan: PublishPlan): Publishable {
  const { release, naming } = plan
  if (release !== undefined) return release
  const tag = tagOf(plan)
  const { version, commit } = naming
  return {
    version,
    ...(commit === undefined ? {} : { commit }),
    ...(tag === undefined ? {} : { tag }),
  }
}

// A page at a forge has its files first, and then the tag.
function tagOf({ destinations }: PublishPlan): string | undefined {
  const immutable = (wanted: string): readonly string[] =>
    Object.values(destinations).find(({ kind }) => kind === wanted)?.immutable ?? []
  return immutable('git')[0] ?? immutable('forge').at(-1)
}

/** What the names of a plan are made from. */
export interface NamesOfRelease {
  readonly release: Publishable
  readonly naming: Naming
}

/** How the tags of a component look in git; undefined where the tag doesn't hold the version. */
function tagShape({ tag, version }: Publishable): Shape | undefined {
  const at = tag?.lastIndexOf(version) ?? -1
  if (tag === undefined || at < 0) return undefined
  return { prefix: tag.slice(0, at), suffix: tag.slice(at + version.length) }
}

/** The names of one destination as names of images: versions tagged in git count like those that stand in a registry. */
export function asImageNames(
  kind: Destination['kind'],
  names: readonly string[],
  { release, naming }: NamesOfRelease,
): readonly string[] {
  if (kind === 'oci') return names
  const shape = kind === 'npm' ? { prefix: '', suffix: '' } : tagShape(release)
  if (shape === undefined) return []
  const { prefix, suffix } = shapeOf(naming)
  return versionsOf(names, shape).map(({ text }) => `${prefix}${encodeVersion(text)}${suffix}`)
}

export interface ReadOptions {
  readonly signal: AbortSignal
  /** Told of an optional destination that could not be read; it counts as one without names then. */
  readonly onOptional: (destination: Destination, error: unknown) => void
}

/** What stands where. */
export interface Existing {
  /** Every name of every destination, as names of images. */
  readonly names: readonly string[]
  /** The names each destination lists, as its own; none for an optional one that could not be read. */
  readonly own: ReadonlyMap<Destination, readonly string[]>
}

/** Reads every name of every destination. */
export async function readExisting(
  destinations: readonly Destination[],
  names: NamesOfRelease,
  options: ReadOptions,
): Promise<Existing> {
  const own = new Map<Destination, readonly string[]>()
  const all = await mapLimit(destinations, destinations.length, async (destination) => {
    const found = await readNames(destination, options)
    own.set(destination, found ?? [])
    return asImageNames(destination.kind, found ?? [], names)
  })
  return { names: [...new Set(all.flat())], own }
}

// Undefined where an optional destination could not be read; its names count as none then.
async function readNames(
  destination: Destination,
  options: ReadOptions,
): Promise<readonly string[] | undefined> {
  try {
    return await destination.names(options.signal)
  } catch (error) {
    if (destination.required) throw error
    options.onOptional(destination, error)
    return undefined
  }
}
