import {
  mapLimit,
  messageOf,
  wantedAt,
  type Context,
  type Destination,
  type DestinationPlan,
  type NamedDigest,
} from '@waybill/core'
import { readExisting, type NamesOfRelease } from './existing.ts'
import { judgeName } from './judge.ts'
import { namesAt } from './names-at.ts'
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
  const { names: existing, empty } = await readExisting(
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
    // Where nothing stands at all, no single name need be asked for.
    const found = empty.has(destination)
      ? new Map(all.map((name) => [name, undefined]))
      : await unlessOptional(destination, lookAt(destination, all, context.signal), context)
    return { destination, names, found }
  })
}

async function lookAt(
  destination: Destination,
  names: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, NamedDigest | undefined>> {
  const found = await mapLimit(names, 8, async (name) => {
    return [name, await destination.observe(name, signal)] as const
  })
  return new Map(found)
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
export async function judgeAll(
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
