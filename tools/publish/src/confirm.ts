import { WaybillError, mapLimit, type NamedDigest } from '@waybill/core'
import type { Phase } from './errors.ts'
import { moveOn } from './lower.ts'
import {
  forEachDestination,
  forEachDestinationQuietly,
  type PlannedName,
  type PublishRun,
} from './run.ts'
import type { PlannedDestination } from './target.ts'

// How many names of one destination are read at the same time.
const MAX_CONCURRENT_NAMES = 8

/**
 * Reads what names hand out, byte for byte, at destinations where a header might say something else. Each is read once in a run.
 * @throws {ERR_READ_BACK}
 */
export async function confirmNames(
  run: PublishRun,
  phase: Phase,
  names: readonly PlannedName[],
): Promise<void> {
  const unread = names.filter(({ target, name }) => {
    return target.destination.read !== undefined && !run.confirmed.has(keyOf(target, name))
  })
  await forEachDestinationQuietly(run, phase, (target) => workOn(run, target, unread))
}

/** Looks at every name once more where something was written, and reads those that were not read yet. @throws {ERR_READ_BACK} */
export async function readBack(run: PublishRun, names: readonly PlannedName[]): Promise<void> {
  const wrote = run.written.size > 0
  const all = names.filter(({ target, name }) => {
    const isUnread =
      target.destination.read !== undefined && !run.confirmed.has(keyOf(target, name))
    return wrote || isUnread
  })
  await forEachDestination(run, 'reading back', (target) => workOn(run, target, all))
}

function workOn(
  run: PublishRun,
  target: PlannedDestination,
  names: readonly PlannedName[],
): (() => Promise<void>) | undefined {
  const own = names.filter((name) => name.target === target)
  if (own.length === 0) return undefined
  return async () => void (await mapLimit(own, MAX_CONCURRENT_NAMES, (name) => confirm(run, name)))
}

const keyOf = ({ destination }: PlannedDestination, name: string): string =>
  `${destination.name}:${name}`

async function confirm(run: PublishRun, planned: PlannedName): Promise<void> {
  const { target, name } = planned
  const { destination } = target
  const { signal } = run.context
  const key = keyOf(target, name)
  const read = run.confirmed.has(key) ? undefined : destination.read?.bind(destination)
  const look = read ?? destination.observe.bind(destination)
  let found = await look(name, signal)
  if (found !== planned.wanted && (await moveOn(run, planned, found)))
    found = await look(name, signal)
  if (found !== planned.wanted) throw differs(planned, found)
  run.confirmed.add(key)
}

function differs(
  { target, name, wanted }: PlannedName,
  found: NamedDigest | undefined,
): WaybillError {
  const where = target.destination.name
  return new WaybillError(
    'ERR_READ_BACK',
    `${where}: ${name} was written as ${wanted}, but read back as ${found ?? 'absent'}`,
    {
      hint: 'Somebody else writes to this destination at the same time; nothing more was moved. Find out who, then look with waybill status.',
      details: { destination: where, name, wanted, found: found ?? 'absent' },
    },
  )
}
