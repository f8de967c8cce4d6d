import {
  isWaybillError,
  messageOf,
  type Destination,
  type DestinationPlan,
  type PublishPlan,
} from '@waybill/core'
import { releaseOf } from './existing.ts'
import { isTag, isWrittenOnce, type Reading } from './name-rules.ts'
import { scopeOf, shapeOf } from './name-shape.ts'
import { namesAt } from './names-at.ts'
import type { NamePlan } from './names.ts'

/** A destination as far as names depend on it. */
export type NamePlace = Pick<Destination, 'kind' | 'name' | 'rolling' | 'digests'>

/**
 * Holds the names of a plan to the planner's rules: whatever made the plan, each name is one that its naming makes for its version. Every
 * immutable name is there; a rolling one may be kept back. Says what is wrong, in a clause.
 */
export function wrongNames(plan: PublishPlan, place: NamePlace): string | undefined {
  const planned = plan.destinations[place.name]!
  const at = `destinations["${place.name}"]`
  if (planned.kind !== place.kind) return `${at}.kind is ${planned.kind}, expected ${place.kind}`
  if (place.kind === 'oci' && planned.digests !== undefined)
    return `${at}.digests is there, but every name of an image leads to the image`
  return misspelled(plan, planned, at) ?? foreign(plan, planned, { place, at })
}

const PLAIN: Reading = { shape: { prefix: '', suffix: '' }, scope: '' }

// Names become parts of addresses, and no plan moves a version.
function misspelled(
  { naming }: PublishPlan,
  { kind, immutable, rolling }: DestinationPlan,
  at: string,
): string | undefined {
  if (kind !== 'oci') return undefined
  const noTag = [...immutable, ...rolling].find((name) => !isTag(name))
  if (noTag !== undefined) return `${at} names ${JSON.stringify(noTag)}, which is not a tag`
  const own = { shape: shapeOf(naming), scope: scopeOf(naming.tagPrefix ?? '') }
  const moved = rolling.find((name) => [PLAIN, own].some((reading) => isWrittenOnce(name, reading)))
  return moved === undefined ? undefined : `${at} moves ${moved}, which is written once`
}

function foreign(
  plan: PublishPlan,
  planned: DestinationPlan,
  { place, at }: { readonly place: NamePlace; readonly at: string },
): string | undefined {
  const made = madeBy(plan, place)
  if (typeof made === 'string') return made
  const version = plan.naming.version
  const missing = made.immutable.find((name) => !planned.immutable.includes(name))
  if (missing !== undefined) return `${at}.immutable has no ${missing}, which ${version} gets there`
  const extra = planned.immutable.find((name) => !made.immutable.includes(name))
  if (extra !== undefined) return `${at}.immutable has ${extra}, which is not a name of ${version}`
  const moved = planned.rolling.find((name) => !made.rolling.includes(name))
  return moved === undefined
    ? undefined
    : `${at}.rolling has ${moved}, which ${version} does not move`
}

// As if nothing stood anywhere: then every name that the version can move is there.
function madeBy(plan: PublishPlan, place: NamePlace): NamePlan | string {
  const { naming } = plan
  try {
    return namesAt(place, { release: releaseOf(plan), naming, existing: [] })
  } catch (error) {
    if (isWaybillError(error)) return `naming makes no names: ${messageOf(error)}`
    throw error
  }
}

/** Holds the parts of a plan to each other. Says what is wrong, in a clause. */
export function contradiction(plan: PublishPlan): string | undefined {
  const { naming, release, subject, destinations, observed } = plan
  if (release !== undefined && release.version !== naming.version)
    return `release.version is ${release.version}, but naming.version is ${naming.version}`
  for (const [name, { kind, digest }] of Object.entries(destinations))
    if (kind === 'oci' && digest !== subject.digest)
      return `destinations["${name}"].digest is ${digest}, but the subject is ${subject.digest}`
  const unknown = Object.keys(observed).find((name) => !Object.hasOwn(destinations, name))
  if (unknown !== undefined) return `observed["${unknown}"] is not a destination of the plan`
  for (const [name, planned] of Object.entries(destinations)) {
    const wrong = unseen(planned, observed[name], `observed["${name}"]`)
    if (wrong !== undefined) return wrong
  }
  return undefined
}

// An optional destination that could not be asked has nothing; half of it is nobody's look.
function unseen(
  { immutable, rolling, required }: DestinationPlan,
  seen: Readonly<Record<string, unknown>> | undefined,
  at: string,
): string | undefined {
  if (seen === undefined) return `${at} is missing`
  if (!required && Object.keys(seen).length === 0) return undefined
  const planned = [...immutable, ...rolling]
  const missing = planned.find((name) => !Object.hasOwn(seen, name))
  if (missing !== undefined) return `${at}["${missing}"] is missing`
  const extra = Object.keys(seen).find((name) => !planned.includes(name))
  return extra === undefined ? undefined : `${at}["${extra}"] is not a name of the plan there`
}
