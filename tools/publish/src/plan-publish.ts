import {
  assertProven,
  createContext,
  mapLimit,
  messageOf,
  wantedAt,
  type Context,
  type ContextOptions,
  type Destination,
  type DestinationPlan,
  type Destinations,
  type NamedDigest,
  type Naming,
  type ProvenImage,
  type PublishPlan,
  type Release,
} from '@waybill/core'
import { readExisting, toldOf, type Publishable } from './existing.ts'
import { judgeName } from './judge.ts'
import { namesAt } from './names-at.ts'
import type { NamePlan } from './names.ts'
import type { NameOptions } from './name-shape.ts'
import { assertImageFor } from './released-files.ts'
import { listDestinations } from './target.ts'

export interface PlanPublishOptions<Name extends string = string>
  extends ContextOptions, NameOptions {
  readonly to: Destinations<Name>
  /** Asks every destination that is to be written whether we may. @default true */
  readonly preflight?: boolean | undefined
}

/**
 * Plans what shall stand where: reads every name of every destination and writes nothing.
 * @throws {ERR_UNPROVEN} {ERR_NO_IMAGE} {ERR_IMMUTABLE_TAG} where an immutable name is taken by other content; what `planNames` throws.
 */
export async function planPublish<Name extends string>(
  release: Publishable,
  proven: ProvenImage,
  options: PlanPublishOptions<Name>,
): Promise<PublishPlan<Name>> {
  assertProven(proven)
  const context = createContext(options)
  const destinations = listDestinations(options.to)
  assertImageFor(destinations, proven)
  const naming = namingOf(release, options)
  // What is wrong in itself is said before anybody is asked.
  for (const one of destinations) namesAt(one, { release, naming, existing: [] })
  const existing = await readExisting(destinations, { release, naming }, readOptions(context))
  const named = destinations.map(
    (destination) => [destination, namesAt(destination, { release, naming, existing })] as const,
  )
  sayKept(context, named)
  const planned = named.map(
    ([destination, names]) =>
      [destination, planOf(destination, { names, proven, release })] as const,
  )
  const observed = await mapLimit(planned, planned.length, ([destination, plan]) =>
    observeAll(destination, plan, { context, preflight: options.preflight !== false }),
  )
  return {
    schemaVersion: 1,
    ...(isWhole(release) ? { release } : {}),
    naming,
    subject: proven.content.subject,
    proof: proven.proof,
    artifacts: proven.artifacts,
    destinations: Object.fromEntries(planned.map(([{ name }, plan]) => [name, plan])),
    observed: Object.fromEntries(planned.map(([{ name }], index) => [name, observed[index]!])),
  }
}

function readOptions(context: Context): Parameters<typeof readExisting>[2] {
  return {
    signal: context.signal,
    onOptional: ({ name }, error) =>
      context.logger.warn(`${name} is optional and could not be read: ${messageOf(error)}`),
  }
}

// Only what was given, so that equal wishes make equal plans.
function namingOf(release: Publishable, options: NameOptions): Naming {
  const { tagPrefix, channel, yanked, immutable, rolling, majorZero } = options
  const commit = options.commit ?? release.commit
  const all = { commit, tagPrefix, channel, yanked, immutable, rolling, majorZero }
  const given = Object.entries(all).filter(([, value]) => value !== undefined)
  return { version: release.version, ...Object.fromEntries(given) }
}

function isWhole(release: Publishable): release is Release {
  const keys = ['component', 'path', 'version', 'tag', 'commit', 'created'] as const
  return keys.every((key) => release[key] !== undefined)
}

// The same name stays at several destinations for the same reason.
function sayKept(context: Context, named: readonly (readonly [Destination, NamePlan])[]): void {
  const said = named.flatMap(([, { kept }]) =>
    kept.map(({ name, reason }) => `${name} stays: ${reason}`),
  )
  for (const line of new Set(said)) context.logger.info(line)
}

interface Wishes {
  readonly names: NamePlan
  readonly proven: ProvenImage
  readonly release: Publishable
}

function planOf(destination: Destination, { names, proven, release }: Wishes): DestinationPlan {
  return {
    kind: destination.kind,
    required: destination.required,
    digest: destination.wanted(proven.content, toldOf(release)),
    ...digestsOf(destination, names),
    immutable: names.immutable,
    rolling: names.rolling,
  }
}

function digestsOf(
  { digests = {} }: Destination,
  { immutable, rolling }: NamePlan,
): Pick<DestinationPlan, 'digests'> {
  const planned = [...immutable, ...rolling].filter((name) => Object.hasOwn(digests, name))
  if (planned.length === 0) return {}
  return { digests: Object.fromEntries(planned.map((name) => [name, digests[name]!])) }
}

interface ObserveOptions {
  readonly context: Context
  readonly preflight: boolean
}

type Observed = Readonly<Record<string, NamedDigest | 'absent'>>

async function observeAll(
  destination: Destination,
  plan: DestinationPlan,
  options: ObserveOptions,
): Promise<Observed> {
  try {
    return await observeEach(destination, plan, options)
  } catch (error) {
    if (destination.required) throw error
    options.context.logger.warn(`${destination.name} is optional: ${messageOf(error)}`)
    return {}
  }
}

async function observeEach(
  destination: Destination,
  plan: DestinationPlan,
  { context: { signal }, preflight }: ObserveOptions,
): Promise<Observed> {
  const names = [...plan.immutable, ...plan.rolling]
  const found = await mapLimit(names, 8, (name) => destination.observe(name, signal))
  for (const [index, name] of plan.immutable.entries()) {
    const wanted = wantedAt(plan, name)
    const state = { destination: destination.name, name, wanted, found: found[index] }
    judgeName({ ...state, kind: 'immutable' })
  }
  if (preflight && names.some((name, index) => found[index] !== wantedAt(plan, name)))
    await destination.preflight(signal)
  return Object.fromEntries(names.map((name, index) => [name, found[index] ?? 'absent']))
}
