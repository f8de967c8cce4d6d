import {
  isWaybillError,
  messageOf,
  WaybillError,
  type Content,
  type Context,
  type Destination,
  type Digest,
} from '@waybill/core'
import type { ComparedName, NameCheck, DestinationState } from './heal-judge.ts'

/** Brings content from a destination that has it. */
export type Load = (destination: Destination, digest: Digest) => Promise<Content>

export interface RepairOptions {
  readonly context: Context
  readonly load?: Load | undefined
  readonly places: readonly DestinationState[]
}

/** Puts right what can be: immutable names first, so that no rolling name leads to what is not there. */
export async function repairAll(
  judged: readonly ComparedName[],
  options: RepairOptions,
): Promise<readonly ComparedName[]> {
  const immutable = judged.filter(({ check }) => check.kind === 'immutable')
  const rolling = judged.filter(({ check }) => check.kind === 'rolling')
  const done: ComparedName[] = []
  for (const one of [...immutable, ...rolling]) {
    const { outcome, expected } = one.check
    if (outcome === 'ok' || expected === null) done.push(one)
    else done.push(await repairOne(one, options))
  }
  return done
}

async function repairOne(judged: ComparedName, options: RepairOptions): Promise<ComparedName> {
  try {
    const mended = await repair(judged, options)
    return mended ? asRepaired(judged) : judged
  } catch (error) {
    const finding = judged.finding!
    const why = isWaybillError(error) ? ` [${error.code}]` : ''
    const message = `${finding.message}; it could not be put right: ${messageOf(error)}${why}`
    return { ...judged, finding: { ...finding, message } }
  }
}

async function repair({ check, place }: ComparedName, options: RepairOptions): Promise<boolean> {
  const { signal } = options.context
  const { destination } = place
  const digest = check.expected as Digest
  if (check.kind === 'immutable') {
    const source = options.places.find(({ standing }) => standing.get(check.name) === digest)
    if (options.load === undefined || source === undefined) return false
    const content = await options.load(source.destination, digest)
    await destination.preflight(signal)
    await destination.put(content, signal)
    await destination.check(content, signal)
    await destination.set(check.name, digest, { kind: 'immutable', content }, signal)
  } else {
    await destination.restore(check.name, digest, signal)
  }
  const found = await destination.observe(check.name, signal)
  if (found === digest) return true
  throw new WaybillError(
    'ERR_READ_BACK',
    `${destination.name}: ${check.name} was written as ${digest}, but read back as ${found ?? 'absent'}`,
  )
}

function asRepaired({ check, place }: ComparedName): ComparedName {
  const repaired: NameCheck = { ...check, outcome: 'repaired' }
  const message = `${check.destination}: ${check.name} was ${check.found ?? 'missing'} and is ${check.expected} now`
  const where = { repository: check.destination }
  return { check: repaired, place, finding: { code: 'repaired', level: 'note', message, where } }
}
