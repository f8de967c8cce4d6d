import { WaybillError, isNamedDigest, isWaybillError } from '@waybill/core'
import { assertGoing, failedIn, isRefusal, writtenBy, type Phase } from './errors.ts'
import { assertForward, assertStillForward } from './forward.ts'
import type { Journal } from './journal.ts'
import { moveOn } from './lower.ts'
import { restoreNames } from './restore.ts'
import {
  forEachDestination,
  liveNames,
  forEachDestinationQuietly,
  type PlannedName,
  type PublishRun,
} from './run.ts'
import { eachName, judgeFound, observe } from './survey.ts'
import type { PlannedDestination } from './target.ts'

/**
 * Writes the immutable names, everywhere. A git remote goes first: it alone refuses to overwrite, so it tells publishers on
 * different machines apart before anything else is visible. A forge goes last: its page is what people are told of.
 */
export async function writeImmutable(
  run: PublishRun,
  pending: readonly PlannedName[],
): Promise<void> {
  const names = liveNames(run, pending)
  const parts = [['git'], ['oci', 'npm'], ['forge']].map((kinds) =>
    names.filter(({ target }) => kinds.includes(target.plan.kind)),
  )
  for (const part of parts) {
    const ready = await stillPending(run, 'immutable names', part)
    await forEachDestination(run, 'immutable names', (target) => setAll(run, target, ready))
  }
}

/** Moves the rolling names, everywhere; when one fails, all go back to what they were. */
export async function moveRolling(
  run: PublishRun,
  names: readonly PlannedName[],
  { pending, journal }: { readonly pending: ReadonlySet<PlannedName>; readonly journal: Journal },
): Promise<void> {
  const moving = await stillPending(
    run,
    'rolling names',
    liveNames(run, names).filter((name) => pending.has(name)),
  )
  if (moving.length === 0) return
  await asRollingFailure(run, () => assertForward(run, moving, { quickly: true }))
  await writeDown(run, moving, journal)
  const before = [...run.live]
  try {
    await forEachDestination(run, 'rolling names', (target) => setAll(run, target, moving))
  } catch (error) {
    throw await undo(run, error as WaybillError, { names, journal })
  }
  const left = new Set(before.filter((target) => !run.live.has(target)))
  await restoreNames(
    run,
    moving.filter(({ target }) => left.has(target)),
    journal,
  )
  await asRollingFailure(run, () => assertStillForward(run, liveNames(run, moving)))
}

async function asRollingFailure(run: PublishRun, look: () => Promise<void>): Promise<void> {
  await look().catch((error: unknown) => {
    throw failedIn('rolling names', [error], run)
  })
}

async function writeDown(
  run: PublishRun,
  moving: readonly PlannedName[],
  journal: Journal,
): Promise<void> {
  const before = moving.map(({ target, name, found }) => ({
    destination: target.destination.name,
    name,
    digest: found ?? null,
  }))
  try {
    await journal.moving(before)
  } catch (error) {
    throw failedIn('journal', [error], run)
  }
}

// Uploading takes its time; what a name points at is looked at again just before it is written.
async function stillPending(
  run: PublishRun,
  phase: Phase,
  names: readonly PlannedName[],
): Promise<readonly PlannedName[]> {
  const fresh: PlannedName[] = []
  await forEachDestinationQuietly(run, phase, (target) => {
    const own = names.filter((name) => name.target === target)
    return own.length === 0 ? undefined : async () => void fresh.push(...(await compare(run, own)))
  })
  return fresh
}

async function compare(
  run: PublishRun,
  names: readonly PlannedName[],
): Promise<readonly PlannedName[]> {
  const now = await observe(run, names)
  const pending: PlannedName[] = []
  for (const [index, name] of now.entries()) {
    const before = names[index]!
    // The content is there by now: an immutable name that still leads nowhere may be somebody else's.
    if (name.kind === 'immutable' && name.phantom !== undefined) throw name.phantom
    const observed = before.phantom === undefined ? (before.found ?? 'absent') : undefined
    if ((await judgeFound(run, name, observed)) === 'write') pending.push(name)
  }
  return pending
}

function setAll(
  run: PublishRun,
  target: PlannedDestination,
  names: readonly PlannedName[],
): (() => Promise<void>) | undefined {
  const own = names.filter((name) => name.target === target)
  if (own.length === 0) return undefined
  return () => eachName(own, (name) => set(run, name))
}

async function set(run: PublishRun, planned: PlannedName): Promise<void> {
  const { target, name, kind, wanted, found } = planned
  const { destination } = target
  const { content } = run.proven
  const { release } = run.plan
  const { rolling } = target.plan
  const { signal } = run.context
  const key = `${destination.name}:${name}`
  assertGoing(signal)
  run.perhaps.add(key)
  try {
    const options = { kind, previous: found, looked: true, content, release, rolling }
    const others = await destination.set(name, wanted, options, signal).catch(goOn)
    for (const written of [name, ...(others ?? [])])
      run.written.add(`${destination.name}:${written}`)
    run.perhaps.delete(key)
  } catch (error) {
    if (isRefusal(error)) run.perhaps.delete(key)
    throw error
  }

  // Whoever publishes a lower version at the same time may write the name between our writing and our reading back.
  async function goOn(error: unknown): Promise<undefined> {
    const other = isWaybillError(error, 'ERR_READ_BACK') ? error.details['found'] : undefined
    if (!isNamedDigest(other) || !(await moveOn(run, planned, other))) throw error
  }
}

async function undo(
  run: PublishRun,
  error: WaybillError,
  { names, journal }: { readonly names: readonly PlannedName[]; readonly journal: Journal },
): Promise<WaybillError> {
  const { restored, left } = await restoreNames(run, names, journal)
  for (const name of restored) run.written.delete(name)
  const unclear = new Set(left.map(({ name }) => name))
  for (const { target, name } of names) {
    const key = `${target.destination.name}:${name}`
    if (!unclear.has(key)) run.perhaps.delete(key) // it was looked at
  }
  const back = restored.length === 0 ? [] : [`put back: ${restored.join(', ')}`]
  const stay = left.map(({ name, reason }) => `not put back: ${name} (${reason})`)
  // Unwritten it does no harm: the names are what the journal says they were.
  if (left.length === 0) await journal.settled('restored').catch(() => {})
  const said = [error.message, ...back, ...stay].join('; ')
  return new WaybillError(error.code as `ERR_${string}`, said, {
    hint: error.hint!,
    details: { ...error.details, ...writtenBy(run), restored, left },
    outcome: error.outcome,
    cause: error,
  })
}
