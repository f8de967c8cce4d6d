import { mapLimit, wantedAt, WaybillError, type NamedDigest } from '@waybill/core'
import { readExisting, releaseOf } from './existing.ts'
import { judgeName } from './judge.ts'
import { rollingAt } from './names-at.ts'
import { everywhere, leave, type PlannedName, type Run } from './run.ts'
import type { Target } from './target.ts'

// How many names of one destination are asked for, or written, at the same time.
const ABREAST = 8

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
  run: Run,
  { justPlanned }: { readonly justPlanned: boolean },
): Promise<Survey> {
  const names: PlannedName[] = []
  const pending = new Set<PlannedName>()
  await everywhere(run, 'reading names', (target) => async () => {
    const seen = justPlanned ? asPlanned(run, namesOf(target)) : undefined
    const found = seen ?? (await observe(run, namesOf(target)))
    for (const name of found) if (judge(run, name) === 'write') pending.add(name)
    names.push(...found)
  })
  if (pending.size > 0 && !justPlanned) await assertForward(run, pending)
  await everywhere(run, 'checking rights', (target) =>
    has(pending, target) ? () => target.destination.preflight(run.context.signal) : undefined,
  )
  return { names, pending }
}

function namesOf(target: Target): readonly PlannedName[] {
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
function asPlanned(run: Run, names: readonly PlannedName[]): readonly PlannedName[] | undefined {
  const seen = names.map(({ target, name }) => run.plan.observed[target.destination.name]?.[name])
  if (seen.includes(undefined)) return undefined
  return names.map((name, index) => ({ ...name, found: unlessAbsent(seen[index]!) }))
}

const unlessAbsent = (seen: NamedDigest | 'absent'): NamedDigest | undefined =>
  seen === 'absent' ? undefined : seen

/** Asks anew what names point at. */
export function observe(run: Run, names: readonly PlannedName[]): Promise<PlannedName[]> {
  return mapLimit(names, ABREAST, async (name) => {
    const found = await name.target.destination.observe(name.name, run.context.signal)
    return { ...name, found }
  })
}

/** Does work on names of one destination, several at a time. */
export async function eachName(
  names: readonly PlannedName[],
  work: (name: PlannedName) => Promise<void>,
): Promise<void> {
  await mapLimit(names, ABREAST, work)
}

function judge(run: Run, name: PlannedName): 'unchanged' | 'write' {
  const destination = name.target.destination.name
  const observed = run.plan.observed[destination]?.[name.name]
  return judgeName({ ...name, destination, observed })
}

export function has(names: Iterable<PlannedName>, target: Target): boolean {
  for (const name of names) if (name.target === target) return true
  return false
}

/**
 * A version that came since the plan was made may be higher: then the plan would move rolling names back.
 * @throws {ERR_STALE_PLAN} naming it.
 */
async function assertForward(run: Run, pending: ReadonlySet<PlannedName>): Promise<void> {
  const { naming } = run.plan
  const rolling = [...pending].filter(({ kind }) => kind === 'rolling')
  if (naming === undefined || rolling.length === 0) return
  const targets = [...run.live]
  const { names: existing } = await readExisting(
    targets.map(({ destination }) => destination),
    { release: releaseOf(run.plan)!, naming },
    {
      signal: run.context.signal,
      onOptional: (destination, error) =>
        leave(
          run,
          targets.find((target) => target.destination === destination)!,
          error,
        ),
    },
  )
  const held = targets
    .flatMap(({ destination }) => rollingAt(destination, { naming, existing }).kept)
    .find(({ name }) => rolling.some((other) => other.name === name))
  if (held === undefined) return
  throw new WaybillError(
    'ERR_STALE_PLAN',
    `The plan moves ${held.name} to ${naming.version}, but since it was made ${held.reason}`,
    {
      hint: 'Run the same again, which makes a new plan; a plan in a file must be made anew: it leaves the names of the higher version alone.',
    },
  )
}
