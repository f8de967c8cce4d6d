import {
  WaybillError,
  mapLimit,
  messageOf,
  wantedAt,
  type Context,
  type Destination,
  type DestinationPlan,
  type NamedDigest,
  type Naming,
} from '@waybill/core'
import { readExisting, type NamesOfRelease } from './existing.ts'
import { judgeName } from './judge.ts'
import { lookAtName } from './look-at-name.ts'
import { namesAt } from './names-at.ts'
import { nameOfVersion } from './name-shape.ts'
import type { NamePlan } from './names.ts'

/** A destination, the names planned there, and what they point at. */
export interface Looked {
  readonly destination: Destination
  readonly names: NamePlan
  /** By name; undefined where an optional destination could not be asked. */
  readonly found: ReadonlyMap<string, NamedDigest | undefined> | undefined
}

/** Plans the names of a release at every destination and looks what they point at; nothing but reading. */
export async function lookAtAll(
  destinations: readonly Destination[],
  { release, naming }: NamesOfRelease,
  context: Context,
): Promise<readonly Looked[]> {
  const { names: existing, own } = await readExisting(
    destinations,
    { release, naming },
    {
      signal: context.signal,
      onOptional: ({ name }, error) =>
        context.logger.warn(`${name} is optional and could not be read: ${messageOf(error)}`),
    },
  )
  const named = destinations.map((destination) => ({
    destination,
    names: namesAt(destination, { release, naming, existing }),
  }))
  return mapLimit(named, named.length, async ({ destination, names }) => {
    const all = [...names.immutable, ...names.rolling]
    const looking = lookAt(destination, all, context).then(async (seen) => {
      const moving = naming.channel === undefined ? names.rolling : []
      await assertListed(
        destination,
        moving.filter((name) => seen.get(name) !== undefined),
        {
          context,
          own: own.get(destination) ?? [],
        },
      )
      return seen
    })
    const found = await unlessOptional(destination, looking, context)
    await sayPhantomVersions(destination, { names, naming }, context)
    return { destination, names, found }
  })
}

interface LookOptions {
  readonly context: Context
  /** The names that the destination lists. */
  readonly own: readonly string[]
}

async function lookAt(
  destination: Destination,
  names: readonly string[],
  context: Context,
): Promise<ReadonlyMap<string, NamedDigest | undefined>> {
  const found = await mapLimit(names, 8, async (name) => {
    const seen = await lookAtName(destination, name, context.signal)
    if (seen.phantom !== undefined) context.logger.warn(seen.phantom.message)
    return [name, seen.found] as const
  })
  return new Map(found)
}

/**
 * Which version is the highest is read from the list of names: a list that is without a rolling name that can be read is not the whole one.
 * @throws {ERR_UNKNOWN_STATE}
 */
async function assertListed(
  destination: Destination,
  there: readonly string[],
  { context, own }: LookOptions,
): Promise<void> {
  const isListed = (names: readonly string[]): boolean =>
    there.every((name) => names.includes(name))
  // Somebody may have written it since the list was read.
  if (destination.kind !== 'oci' || isListed(own)) return
  const now = await destination.names(context.signal)
  if (isListed(now)) return
  const unlisted = there.filter((name) => !now.includes(name))
  throw new WaybillError(
    'ERR_UNKNOWN_STATE',
    `${destination.name}: ${unlisted.join(', ')} can be read, but the registry does not list it, so which versions are there could not be found out`,
    {
      hint: 'Ask the registry for its tags (tags/list): it must list them all for this account. Run the same again in a while, where it is only late.',
      outcome: 'unknown',
      details: { repository: destination.name, unlisted },
    },
  )
}

// A version that nobody can pull keeps rolling names back all the same: it was released, as far as the list says.
async function sayPhantomVersions(
  destination: Destination,
  { names, naming }: { readonly names: NamePlan; readonly naming: Naming },
  { signal, logger }: Context,
): Promise<void> {
  if (destination.kind !== 'oci') return
  for (const version of new Set(names.kept.flatMap(({ by }) => by ?? []))) {
    const name = nameOfVersion(version, naming)
    const seen = await lookAtName(destination, name, signal).catch(() => undefined)
    if (seen?.phantom === undefined) continue
    const kept = names.kept.filter(({ by }) => by === version).map((one) => one.name)
    logger.warn(
      `${seen.phantom.message}. It keeps ${kept.join(', ')} where it is; if ${version} is gone for good, say so with --yanked ${version}`,
    )
  }
}

async function unlessOptional<Result>(
  { name, required }: Destination,
  asking: Promise<Result>,
  { logger }: Context,
): Promise<Result | undefined> {
  try {
    return await asking
  } catch (error) {
    if (required) throw error
    logger.warn(`${name} is optional: ${messageOf(error)}`)
    return undefined
  }
}

type Observed = Readonly<Record<string, NamedDigest | 'absent'>>

export interface JudgeOptions {
  readonly context: Context
  /** Whether to ask for the right to write, where something will be written. */
  readonly preflight: boolean
}

/**
 * Compares what was found with what is wanted, and answers what a plan notes of it.
 * @throws {ERR_IMMUTABLE_TAG} where an immutable name is taken by other content.
 */
export async function compareNames(
  { destination, found }: Looked,
  plan: DestinationPlan,
  { context, preflight }: JudgeOptions,
): Promise<Observed> {
  if (found === undefined) return {}
  const asking = async (): Promise<Observed> => {
    const differs = judge(destination, plan, found)
    if (preflight && differs) await destination.preflight(context.signal)
    const observed = [...found].map(([name, digest]) => [name, digest ?? 'absent'] as const)
    return Object.fromEntries(observed)
  }
  return (await unlessOptional(destination, asking(), context)) ?? {}
}

// Whether any name is to be written.
function judge(
  destination: Destination,
  plan: DestinationPlan,
  found: NonNullable<Looked['found']>,
): boolean {
  for (const name of plan.immutable) {
    const wanted = wantedAt(plan, name)
    const state = { destination: destination.name, name, wanted, found: found.get(name) }
    judgeName({ ...state, kind: 'immutable' })
  }
  return [...found].some(([name, digest]) => digest !== wantedAt(plan, name))
}
