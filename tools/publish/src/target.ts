import {
  WaybillError,
  type Destination,
  type DestinationPlan,
  type Destinations,
  type Finding,
  type PublishPlan,
} from '@waybill/core'

/** A destination, and what the plan says of it. */
export interface PlannedDestination {
  readonly destination: Destination
  readonly plan: DestinationPlan
}

/**
 * The destinations a caller gave, in the order of their names.
 * @throws {ERR_DESTINATION_MISSING} for none, {ERR_DESTINATION_TWICE}
 */
export function listDestinations(to: Destinations): readonly Destination[] {
  const all = Object.values(to)
  if (all.length === 0) {
    throw new WaybillError('ERR_DESTINATION_MISSING', 'There is no destination to publish to', {
      hint: 'Give at least one, for example registries({ ghcr: "ghcr.io/acme/hello" }).',
      outcome: 'usage',
    })
  }
  const twice = all.find(({ name }, index) => all.findIndex((other) => other.name === name) < index)
  if (twice !== undefined) {
    throw new WaybillError(
      'ERR_DESTINATION_TWICE',
      `${twice.name} is given twice as a destination`,
      {
        hint: 'Give each destination once.',
        outcome: 'usage',
      },
    )
  }
  return all.toSorted((a, b) => (a.name < b.name ? -1 : 1))
}

/**
 * Finds the destination of each entry of a plan.
 * @throws {ERR_DESTINATION_MISSING} naming those the plan has and the caller has not.
 */
export function matchTargets(plan: PublishPlan, to: Destinations): readonly PlannedDestination[] {
  const given = listDestinations(to)
  const byName = new Map(given.map((destination) => [destination.name, destination]))
  const planned = Object.keys(plan.destinations)
  const missing = planned.filter((name) => !byName.has(name))
  if (missing.length > 0) {
    throw new WaybillError(
      'ERR_DESTINATION_MISSING',
      `The plan publishes to ${planned.join(', ')}, but ${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} not given; given: ${[...byName.keys()].join(', ')}`,
      {
        hint: 'Publish a plan to every destination it names, or make a new plan for fewer.',
        outcome: 'usage',
        details: { planned, missing },
      },
    )
  }
  return given
    .filter(({ name }) => Object.hasOwn(plan.destinations, name))
    .map((destination) => ({ destination, plan: plan.destinations[destination.name]! }))
}

/** Destinations that were given but that the plan doesn't name: nothing is published there. */
export function unplanned(plan: PublishPlan, to: Destinations): Finding[] {
  return listDestinations(to)
    .filter(({ name }) => !Object.hasOwn(plan.destinations, name))
    .map(({ name }) => ({
      code: 'destination-not-planned',
      level: 'warning',
      message: `${name} is not in the plan: nothing was published there`,
      suggestion: 'Make a plan with it.',
      where: { repository: name },
    }))
}
