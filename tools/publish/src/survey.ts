import { isWaybillError, mapLimit, wantedAt, type NamedDigest } from '@waybill/core'
import { assertForward } from './forward.ts'
import { judgeName } from './judge.ts'
import { lookAtName } from './look-at-name.ts'
import { lowerVersionOf, sayGoesOn } from './lower.ts'
import { forEachDestination, type PlannedName, type PublishRun } from './run.ts'
import type { PlannedDestination } from './target.ts'

// How many names of one destination are asked for, or written, at the same time.
const MAX_CONCURRENT_NAMES = 8

/** What of a plan is to be written, and what stands already. */
export interface Survey {
  readonly names: readonly PlannedName[]
  readonly pending: ReadonlySet<PlannedName>
}

/**
 * Looks at every name of the plan at every destination, unless the plan has done so a moment ago, and checks the rights where something
 * is to be written.
 * @throws {ERR_IMMUTABLE_TAG} {ERR_STALE_PLAN}
 */
export async function survey(
  run: PublishRun,
  { justPlanned }: { readonly justPlanned: boolean },
): Promise<Survey> {
  const names: PlannedName[] = []
  const pending = new Set<PlannedName>()
  await forEachDestination(run, 'reading names', (target) => async () => {
    const seen = justPlanned ? asPlanned(run, namesOf(target)) : undefined
    const found = seen ?? (await observe(run, namesOf(target)))
    for (const name of found) if ((await judge(run, name)) === 'write') pending.add(name)
    names.push(...found)
  })
  if (pending.size > 0 && !justPlanned) await assertForward(run, [...pending])
  await forEachDestination(run, 'checking rights', (target) =>
    has(pending, target) ? () => target.destination.preflight(run.context.signal) : undefined,
  )
  return { names, pending }
}

function namesOf(target: PlannedDestination): readonly PlannedName[] {
  const { immutable, rolling } = target.plan
  const make = (kind: PlannedName['kind']) => (name: string) => ({
    target,
    name,
    kind,
    wanted: wantedAt(target.plan, name),
    found: undefined,
  })
  return [...immutable.map(make('immutable')), ...rolling.map(make('rolling'))]
}

// What the plan saw; undefined where it could not look at all of them.
function asPlanned(
  run: PublishRun,
  names: readonly PlannedName[],
): readonly PlannedName[] | undefined {
  const seen = names.map(({ target, name }) => run.plan.observed[target.destination.name]?.[name])
  if (seen.includes(undefined)) return undefined
  return names.map((name, index) => ({ ...name, found: unlessAbsent(seen[index]!) }))
}

const unlessAbsent = (seen: NamedDigest | 'absent'): NamedDigest | undefined =>
  seen === 'absent' ? undefined : seen

/** Asks anew what names point at. */
export function observe(run: PublishRun, names: readonly PlannedName[]): Promise<PlannedName[]> {
  return mapLimit(names, MAX_CONCURRENT_NAMES, async (name) => {
    const seen = await lookAtName(name.target.destination, name.name, run.context.signal)
    return { ...name, ...seen }
  })
}

/** Does work on names of one destination, several at a time. */
export async function eachName(
  names: readonly PlannedName[],
  work: (name: PlannedName) => Promise<void>,
): Promise<void> {
  await mapLimit(names, MAX_CONCURRENT_NAMES, work)
}

// A plan that somebody looked at is held to what it saw.
async function judge(run: PublishRun, name: PlannedName): Promise<'unchanged' | 'write'> {
  const destination = name.target.destination.name
  const observed = run.plan.observed[destination]?.[name.name]
  return run.isFresh
    ? judgeFound(run, name, observed)
    : judgeName({ ...name, destination, observed })
}

/**
 * Judges a name that was just looked at. A rolling one that a publisher of a lower version moved at the same time goes on from there; one that
 * is listed and leads nowhere may be moved, since nobody can have pulled it.
 * @throws {ERR_IMMUTABLE_TAG} {ERR_STALE_PLAN}
 */
export async function judgeFound(
  run: PublishRun,
  name: PlannedName,
  observed: NamedDigest | 'absent' | undefined,
): Promise<'unchanged' | 'write'> {
  const destination = name.target.destination.name
  const seen = name.phantom === undefined ? observed : 'absent'
  try {
    return judgeName({ ...name, destination, observed: seen })
  } catch (error) {
    if (!isWaybillError(error, 'ERR_STALE_PLAN')) throw error
    const lower = await lowerVersionOf(run, name, name.found)
    if (lower === undefined) throw error
    sayGoesOn(run, name, lower)
    return 'write'
  }
}

export function has(names: Iterable<PlannedName>, target: PlannedDestination): boolean {
  for (const name of names) if (name.target === target) return true
  return false
}
