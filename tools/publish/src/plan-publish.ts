import {
  assertProven,
  createContext,
  mapLimit,
  deferRejection,
  type Context,
  type ContextOptions,
  type Descriptor,
  type Destination,
  type DestinationPlan,
  type Destinations,
  type Naming,
  type ProvenImage,
  type PublishPlan,
  type Release,
} from '@waybill/core'
import { toldOf, type Publishable } from './existing.ts'
import { compareNames, lookAtAll, type Looked } from './look.ts'
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
 * Plans what shall stand where: reads every name of every destination and writes nothing. Names are read while the image is still being
 * made or proved, where a promise of it is given.
 * @throws {ERR_UNPROVEN} {ERR_NO_IMAGE} {ERR_IMMUTABLE_TAG} where an immutable name is taken by other content; what `planNames` throws.
 */
export async function planPublish<Name extends string>(
  release: Publishable,
  image: ProvenImage | Promise<ProvenImage>,
  options: PlanPublishOptions<Name>,
): Promise<PublishPlan<Name>> {
  const context = createContext(options)
  const destinations = listDestinations(options.to)
  if (!(image instanceof Promise)) assertImage(image, destinations)
  const naming = namingOf(release, options)
  // What is wrong in itself is said before anybody is asked.
  for (const one of destinations) namesAt(one, { release, naming, existing: [] })
  // What is wrong with the image is told first.
  const looking = deferRejection(lookAtAll(destinations, { release, naming }, context))
  const proven = await image
  assertImage(proven, destinations)
  const looked = await looking
  sayKept(context, looked)
  const planned = looked.map((one) => [one, planOf(one, { proven, release })] as const)
  const preflight = options.preflight !== false
  const observed = await mapLimit(planned, planned.length, ([one, plan]) =>
    compareNames(one, plan, { context, preflight }),
  )
  return {
    schemaVersion: 1,
    ...(isWhole(release) ? { release } : {}),
    naming,
    subject: plainSubject(proven.content.subject),
    proof: proven.proof,
    artifacts: proven.artifacts,
    destinations: Object.fromEntries(
      planned.map(([{ destination }, plan]) => [destination.name, plan]),
    ),
    observed: Object.fromEntries(
      looked.map(({ destination }, index) => [destination.name, observed[index]!]),
    ),
  }
}

// What else a descriptor may say (its name in a layout, its platform) is not the content's.
const plainSubject = ({ mediaType, digest, size }: Descriptor): Descriptor => ({
  mediaType,
  digest,
  size,
})

function assertImage(proven: ProvenImage, destinations: readonly Destination[]): void {
  assertProven(proven)
  assertImageFor(destinations, proven)
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
function sayKept(context: Context, looked: readonly Looked[]): void {
  const said = looked.flatMap(({ names: { kept } }) =>
    kept.map(({ name, reason }) => `${name} stays: ${reason}`),
  )
  for (const line of new Set(said)) context.logger.info(line)
}

interface Wishes {
  readonly proven: ProvenImage
  readonly release: Publishable
}

function planOf({ destination, names }: Looked, { proven, release }: Wishes): DestinationPlan {
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
