import { impatient, mapLimit, messageOf, puttingRight, type NamedDigest } from '@waybill/core'
import type { Journal } from './journal.ts'
import type { PlannedName, PublishRun } from './run.ts'

/** What became of the rolling names after a failure, each as `destination:name`. */
export interface Restored {
  readonly restored: readonly string[]
  readonly left: readonly { readonly name: string; readonly reason: string }[]
}

/**
 * Puts rolling names back to what they were before this plan moved them, as far as that is known: by this run, or by the journal
 * of an earlier one. A name that somebody else has moved meanwhile stays.
 */
export function restoreNames(
  run: PublishRun,
  names: readonly PlannedName[],
  journal: Journal,
): Promise<Restored> {
  return puttingRight(() => restoreEach(run, names, journal))
}

async function restoreEach(
  run: PublishRun,
  names: readonly PlannedName[],
  journal: Journal,
): Promise<Restored> {
  const restored: string[] = []
  const left: { name: string; reason: string }[] = []
  await mapLimit(names, 8, async (planned) => {
    const { destination } = planned.target
    const previous = journal.previous(destination.name, planned.name)
    if (previous === undefined) return
    const name = `${destination.name}:${planned.name}`
    try {
      if (await putBack(planned, previous ?? undefined)) restored.push(name)
    } catch (error) {
      left.push({ name, reason: messageOf(error) })
    }
  })
  return { restored: restored.toSorted(), left }
}

// Longer than a registry takes, shorter than people wait for the end after Ctrl-C.
const PATIENCE = 60_000

// With a signal of its own, not the run's: what is half done is put right even after Ctrl-C. Whether a write that failed took
// effect is known only by looking.
async function putBack(
  { target, name, wanted }: PlannedName,
  previous: NamedDigest | undefined,
): Promise<boolean> {
  const { destination } = target
  const signal = impatient(AbortSignal.timeout(PATIENCE))
  const found = await destination.observe(name, signal)
  if (found !== wanted || found === previous) return false
  await destination.restore(name, previous, signal)
  return true
}
