import {
  createContext,
  createReport,
  mapLimit,
  type ContextOptions,
  type Destination,
  type Destinations,
  type Finding,
  type NamedDigest,
  type Naming,
  type Report,
} from '@waybill/core'
import { readExisting, type Publishable } from './existing.ts'
import type { NameCheck } from './heal-judge.ts'
import { optionalFailed } from './errors.ts'
import { lookAtName, type Seen } from './look-at-name.ts'
import { findLost, lostFindings, phantomFinding } from './lost-content.ts'
import { nameOfVersion, type NameOptions } from './name-shape.ts'
import { namesAt } from './names-at.ts'
import type { NamePlan } from './names.ts'
import { listDestinations } from './target.ts'

export interface StatusOptions extends ContextOptions, NameOptions {
  readonly to: Destinations
}

/**
 * Says what of a release stands where: its immutable names, and the rolling names it should have. The digest that its version has
 * at the first destination is what all are compared with.
 */
export async function status(
  release: Publishable,
  options: StatusOptions,
): Promise<Report<NameCheck>> {
  const { signal } = createContext(options)
  const findings: Finding[] = []
  const gone = new Set<Destination>()
  const onOptional = (destination: Destination, error: unknown): void => {
    gone.add(destination)
    findings.push(optionalFailed(destination, error))
  }
  const destinations = listDestinations(options.to)
  const naming = { ...options, version: release.version, commit: options.commit ?? release.commit }
  const { names: existing } = await readExisting(
    destinations,
    { release, naming },
    { signal, onOptional },
  )
  // Without the name of its tag, a release's tag can't be looked for.
  const read = destinations.filter(
    (destination) =>
      !gone.has(destination) && (destination.kind === 'oci' || release.tag !== undefined),
  )
  const named = read.map(
    (destination) => [destination, namesAt(destination, { release, naming, existing })] as const,
  )
  const seen = await mapLimit(named, named.length, (place) => lookAt(...place, signal))
  const version = nameOfVersion(release.version, naming)
  const lost = await mapLimit(read, read.length, (destination) =>
    lostAt(destination, seen.flat(), signal),
  )
  const checks = compare(seen.flat(), { version, commit: naming.commit })
  const stay = named.flatMap(([, { kept }]) =>
    kept.map(({ name, reason }) => `${name} stays where it is: ${reason}`),
  )
  const kept = [...new Set(stay)].map((message): Finding => {
    return { code: 'rolling-stays', level: 'note', message }
  })
  return createReport(checks, [
    ...findings,
    ...checks.flatMap((check) => findingOf(check, isRequired(destinations, check))),
    ...seen
      .flat()
      .flatMap((one) =>
        one.phantom === undefined ? [] : phantomFinding(one.destination, one.name),
      ),
    ...(await phantomVersions(named, naming, signal)),
    ...lost.flat(),
    ...kept,
  ])
}

interface Looked extends Seen {
  readonly destination: Destination
  readonly name: string
  readonly kind: 'immutable' | 'rolling'
}

async function lostAt(
  destination: Destination,
  seen: readonly Looked[],
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const own = seen.filter((one) => one.destination === destination)
  const standing = new Map(
    own.flatMap(({ name, found }) => (found === undefined ? [] : [[name, found] as const])),
  )
  return lostFindings(await findLost(destination, standing, signal), standing)
}

// A version that nobody can pull, and that keeps rolling names where they are all the same.
async function phantomVersions(
  named: readonly (readonly [Destination, NamePlan])[],
  naming: Naming,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const all = named.flatMap(([destination, { kept }]) =>
    destination.kind === 'oci'
      ? [...new Set(kept.flatMap(({ by }) => by ?? []))].map((by) => [destination, by] as const)
      : [],
  )
  const found = await mapLimit(all, 8, async ([destination, version]) => {
    const name = nameOfVersion(version, naming)
    const { phantom } = await lookAtName(destination, name, signal)
    return phantom === undefined ? [] : [phantomFinding(destination, name)]
  })
  return found.flat()
}

async function lookAt(
  destination: Destination,
  { immutable, rolling }: NamePlan,
  signal: AbortSignal,
): Promise<readonly Looked[]> {
  const look = (kind: Looked['kind']) => async (name: string) => {
    return { destination, name, kind, ...(await lookAtName(destination, name, signal)) }
  }
  return [
    ...(await mapLimit(immutable, 8, look('immutable'))),
    ...(await mapLimit(rolling, 8, look('rolling'))),
  ]
}

interface Wanted {
  readonly version: string
  readonly commit: string | undefined
}

function compare(seen: readonly Looked[], { version, commit }: Wanted): readonly NameCheck[] {
  const first = seen.find(({ destination, name, found }) => {
    return destination.kind === 'oci' && name === version && found !== undefined
  })
  return seen.map(({ destination, name, kind, found }) => {
    const tagged: NamedDigest | undefined = commit === undefined ? found : `gitCommit:${commit}`
    const own = destination.digests?.[name] ?? tagged
    const expected = destination.kind === 'oci' ? first?.found : own
    const ok = found !== undefined && found === expected
    return {
      destination: destination.name,
      name,
      kind,
      found: found ?? null,
      expected: expected ?? null,
      outcome: ok ? 'ok' : 'wrong',
    }
  })
}

function isRequired(destinations: readonly Destination[], { destination }: NameCheck): boolean {
  return destinations.some(({ name, required }) => name === destination && required)
}

function findingOf(check: NameCheck, required: boolean): readonly Finding[] {
  const { destination, name, found, expected } = check
  if (check.outcome === 'ok') return []
  const where = { repository: destination }
  const should = expected === null ? '' : `; it should be ${expected}`
  const message = `${destination}: ${name} is ${found ?? 'missing'}${should}`
  const code = found === null ? 'name-missing' : 'name-differs'
  return [{ code, level: required ? 'error' : 'warning', message, where }]
}
