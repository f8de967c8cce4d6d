import type { Destination, Digest, Finding, NamedDigest } from '@waybill/core'
import type { ExpectedName, StandingNames } from './heal-names.ts'

/** A destination and what stands there of releases. */
export interface DestinationState {
  readonly destination: Destination
  readonly standing: StandingNames
  /** Names that are listed and lead nowhere. */
  readonly phantoms: readonly string[]
  /** What is gone below what its names lead to, by the digest that needs it. */
  readonly below: ReadonlyMap<NamedDigest, readonly Digest[]>
}

/** One name at one destination, compared. */
export interface NameCheck {
  readonly destination: string
  readonly name: string
  readonly kind: 'immutable' | 'rolling'
  readonly found: NamedDigest | null
  /** Null where nothing can be expected: the destinations disagree, or no version is left. */
  readonly expected: NamedDigest | null
  readonly outcome: 'ok' | 'wrong' | 'repaired'
}

/** A comparison, and what is wrong with it. */
export interface ComparedName {
  readonly check: NameCheck
  readonly finding?: Finding
  readonly place: DestinationState
}

/** Compares every expected name with what stands at every destination. */
export function compareExpected(
  places: readonly DestinationState[],
  expected: readonly ExpectedName[],
): readonly ComparedName[] {
  return expected.flatMap((name) => places.flatMap((place) => judge(name, place, places) ?? []))
}

function judge(
  name: ExpectedName,
  place: DestinationState,
  places: readonly DestinationState[],
): ComparedName | undefined {
  const { destination } = place
  const found = place.standing.get(name.name)
  const missing = found === undefined
  if (missing && (!name.inUse || name.digest === undefined)) return undefined
  const ok = name.digest !== undefined && found === name.digest
  const check: NameCheck = {
    destination: destination.name,
    name: name.name,
    kind: name.kind,
    found: found ?? null,
    expected: name.digest ?? null,
    outcome: ok ? 'ok' : 'wrong',
  }
  return ok
    ? { check, place }
    : { check, place, finding: findingOf(name, check, { place, places }) }
}

interface Around {
  readonly place: DestinationState
  readonly places: readonly DestinationState[]
}

function findingOf(name: ExpectedName, check: NameCheck, { place, places }: Around): Finding {
  const { destination, found } = check
  const level = place.destination.required ? 'error' : 'warning'
  const where = { repository: destination }
  if (name.kind === 'immutable') {
    const all = places
      .flatMap((other) => {
        const digest = other.standing.get(name.name)
        return digest === undefined ? [] : [`${digest} at ${other.destination.name}`]
      })
      .join(', ')
    if (found === null) {
      const message = `${destination}: ${name.name} is missing; it is ${all}`
      return { code: 'mirror-missing', level, message, where }
    }
    const message = `${destination}: ${name.name} is ${found}, but the destinations disagree: ${all}`
    return { code: 'mirror-differs', level: 'error', message, where }
  }
  return rollingFinding(name, check, level)
}

function rollingFinding(
  name: ExpectedName,
  { destination, found }: NameCheck,
  level: 'error' | 'warning',
): Finding {
  const where = { repository: destination }
  if (name.version === undefined) {
    const message = `${destination}: ${name.name} is ${found}, but no version is left that it could lead to`
    return { code: 'rolling-without-version', level: 'warning', message, where }
  }
  const should = `should lead to ${name.version}${name.digest === undefined ? '' : ` (${name.digest})`}`
  const message = `${destination}: ${name.name} ${should}, but is ${found ?? 'missing'}`
  const code = found === null ? 'rolling-missing' : 'rolling-wrong'
  return { code, level, message, suggestion: 'Put it right with heal and repair.', where }
}
