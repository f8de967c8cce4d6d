import {
  createContext,
  createReport,
  mapLimit,
  withFileLocks,
  type Context,
  type ContextOptions,
  type Destination,
  type Destinations,
  type Finding,
  type Report,
} from '@waybill/core'
import { optionalFailed } from './errors.ts'
import {
  compareExpected,
  type ComparedName,
  type NameCheck,
  type DestinationState,
} from './heal-judge.ts'
import { expectNames, isImmutableName, possibleRolling } from './heal-names.ts'
import { lookAtName } from './look-at-name.ts'
import { findLost, lostFindings, phantomFinding } from './lost-content.ts'
import type { NameOptions } from './name-shape.ts'
import { repairContent } from './repair-content.ts'
import { repairAll, type Load } from './repair.ts'
import { listDestinations } from './target.ts'

export interface HealOptions extends ContextOptions, Omit<NameOptions, 'commit' | 'channel'> {
  /** Puts right what can be; without it nothing is written. @default false */
  readonly repair?: boolean | undefined
  /** Brings content from a destination that has it to those that lack it. @default what is lacking is only reported */
  readonly load?: Load | undefined
  /** As of `publish`. */
  readonly lockFolder?: string | undefined
  readonly lockWait?: number | undefined
}

/**
 * Compares every name of releases at every OCI destination with what it should be: rolling names by version order, immutable ones
 * with each other, and looks whether everything below them is there. With `repair` rolling names are moved and, where `load` is given,
 * missing versions and content are brought from a destination that has them. An immutable name is never changed.
 */
export async function heal(
  to: Destinations,
  options: HealOptions = {},
): Promise<Report<NameCheck>> {
  const context = createContext(options)
  const destinations = listDestinations(to).filter(({ kind }) => kind === 'oci')
  const work = (): Promise<Report<NameCheck>> => healAll(destinations, context, options)
  if (options.repair !== true) return work()
  const { lockFolder: folder, lockWait: wait } = options
  const lock = { folder, wait, purpose: 'healing', signal: context.signal }
  const names = destinations.map(({ name }) => name)
  return withFileLocks(names, lock, work)
}

async function healAll(
  destinations: readonly Destination[],
  context: Context,
  options: HealOptions,
): Promise<Report<NameCheck>> {
  const findings: Finding[] = []
  const places = await readPlaces(destinations, { context, naming: options, findings })
  const standings = places.map(({ standing }) => standing)
  const judged = compareExpected(
    places,
    expectNames(standings, options, [...new Set(places.flatMap((place) => place.phantoms))]),
  )
  const { load } = options
  const lost =
    options.repair === true
      ? await repairContent(places, { context, load, places })
      : places.flatMap((place) => lostFindings(place, place.standing))
  const done = options.repair === true ? await repairAll(judged, { context, load, places }) : judged
  return createReport(
    done.map(({ check }) => check),
    [
      ...findings,
      ...withoutReleases(places),
      ...phantomsOf(places, done),
      ...lost,
      ...done.flatMap(({ finding }) => finding ?? []),
    ],
  )
}

function phantomsOf(
  places: readonly DestinationState[],
  done: readonly ComparedName[],
): readonly Finding[] {
  const isRepaired = ({ destination }: DestinationState, name: string): boolean =>
    done.some(({ check }) => {
      const isSame = check.destination === destination.name && check.name === name
      return isSame && check.outcome === 'repaired'
    })
  return places.flatMap((place) =>
    place.phantoms
      .filter((name) => !isRepaired(place, name))
      .map((name) => phantomFinding(place.destination, name)),
  )
}

// Where nothing stands anywhere nothing was checked: that is no good answer, and mostly a mistyped name.
function withoutReleases(places: readonly DestinationState[]): readonly Finding[] {
  const empty = places.filter(({ standing, phantoms }) => standing.size + phantoms.length === 0)
  const level = empty.length === places.length ? 'error' : 'warning'
  return empty.map(({ destination: { name } }) => ({
    code: 'no-releases',
    level,
    message: `${name}: no release stands here`,
    suggestion: 'Check the name, and --tag-prefix.',
    where: { repository: name },
  }))
}

export interface ReadPlacesOptions {
  readonly context: Context
  readonly naming: NameOptions
  /** Where an optional destination that could not be read is noted. */
  readonly findings: Finding[]
}

/** Reads the names of releases that stand at each destination. */
export async function readPlaces(
  destinations: readonly Destination[],
  options: ReadPlacesOptions,
): Promise<readonly DestinationState[]> {
  const { context, naming } = options
  const listed = await mapLimit(destinations, destinations.length, (one) => list(one, options))
  const all = listed.flat()
  const rolling = possibleRolling(
    all.flatMap(({ names }) => names),
    naming,
  )
  return mapLimit(all, all.length, async ({ destination, names }) => {
    const wanted = names.filter((name) => rolling.has(name) || isImmutableName(name, naming))
    const phantoms: string[] = []
    const found = await mapLimit(wanted, 8, async (name) => {
      const seen = await lookAtName(destination, name, context.signal)
      if (seen.phantom !== undefined) phantoms.push(name)
      return seen.found === undefined ? [] : [[name, seen.found] as const]
    })
    const standing = new Map(found.flat())
    return { standing, phantoms, ...(await findLost(destination, standing, context.signal)) }
  })
}

async function list(
  destination: Destination,
  { context, findings }: ReadPlacesOptions,
): Promise<readonly { readonly destination: Destination; readonly names: readonly string[] }[]> {
  try {
    return [{ destination, names: await destination.names(context.signal) }]
  } catch (error) {
    if (destination.required) throw error
    findings.push(optionalFailed(destination, error))
    return []
  }
}
