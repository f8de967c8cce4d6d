import { WaybillError } from '@waybill/core'
import { readExisting, releaseOf } from './existing.ts'
import { nameOfVersion } from './name-shape.ts'
import type { KeptName } from './names.ts'
import { rollingAt } from './names-at.ts'
import { leave, type PlannedName, type PublishRun } from './run.ts'

/**
 * A version that came since the plan was made may be higher: then the plan would move rolling names back.
 * @throws {ERR_STALE_PLAN} naming it.
 */
export async function assertForward(
  run: PublishRun,
  names: readonly PlannedName[],
  { quickly = false }: { readonly quickly?: boolean } = {},
): Promise<void> {
  const [held] = await heldByHigher(run, names, quickly ? QUICK : undefined)
  if (held !== undefined) throw stale(run, held)
}

/**
 * Looks once more when rolling names have moved. Registries cannot compare and set: of two publishers on different machines the lower may write after the
 * higher. Each writes its version before it looks, so the lower one finds the higher here, and hands over to it what it has just moved.
 * @throws {ERR_STALE_PLAN}
 */
export async function assertStillForward(
  run: PublishRun,
  moved: readonly PlannedName[],
): Promise<void> {
  const held = await heldByHigher(run, moved, QUICK)
  if (held.length === 0) return
  const handed = await Promise.all(
    held.flatMap((one) =>
      moved.filter(({ name }) => name === one.name).map((name) => handOver(run, name, one)),
    ),
  )
  const done = handed.filter((name) => name !== undefined)
  throw stale(run, held[0]!, done.length === 0 ? '' : `; handed over to it: ${done.join(', ')}`)
}

async function handOver(
  run: PublishRun,
  { target, name, wanted }: PlannedName,
  { by }: KeptName,
): Promise<string | undefined> {
  const { destination, plan } = target
  const { signal } = run.context
  if (plan.kind !== 'oci') return undefined
  const theirs = await destination.observe(nameOfVersion(by!, run.plan.naming), signal)
  // Where their version does not stand yet, they find ours, stop, and are told to run again.
  if (theirs === undefined || (await destination.observe(name, signal)) !== wanted) return undefined
  await destination.restore(name, theirs, signal)
  run.written.delete(`${destination.name}:${name}`)
  return `${destination.name}:${name}`
}

// Those that list their names in a request or two; a version stands there before any rolling name moves.
const QUICK: ReadonlySet<string> = new Set(['oci', 'npm'])

async function heldByHigher(
  run: PublishRun,
  names: readonly PlannedName[],
  kinds?: ReadonlySet<string>,
): Promise<readonly KeptName[]> {
  const { naming } = run.plan
  const rolling = new Set(names.filter(({ kind }) => kind === 'rolling').map(({ name }) => name))
  if (rolling.size === 0) return []
  const targets = [...run.live].filter(({ plan }) => kinds?.has(plan.kind) ?? true)
  if (targets.length === 0) return []
  const { names: existing } = await readExisting(
    targets.map(({ destination }) => destination),
    { release: releaseOf(run.plan), naming },
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
  const kept = targets.flatMap(
    ({ destination }) => rollingAt(destination, { naming, existing }).kept,
  )
  const held = kept.filter(({ name, by }) => by !== undefined && rolling.has(name))
  return [...new Map(held.map((one) => [one.name, one])).values()]
}

function stale({ plan }: PublishRun, { name, reason }: KeptName, done = ''): WaybillError {
  return new WaybillError(
    'ERR_STALE_PLAN',
    `The plan moves ${name} to ${plan.naming.version}, but since it was made ${reason}${done}`,
    {
      hint: 'Run the same again, which makes a new plan; a plan in a file must be made anew: it leaves the names of the higher version alone.',
    },
  )
}
