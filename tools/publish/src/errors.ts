import {
  assertNotCancelled,
  isWaybillError,
  messageOf,
  WaybillError,
  type Destination,
  type Finding,
  type Outcome,
} from '@waybill/core'

/** Where a publish was when it failed; the words are shown as progress. */
export type Phase =
  | 'reading names'
  | 'checking rights'
  | 'content'
  | 'immutable names'
  | 'hooks'
  | 'journal'
  | 'rolling names'
  | 'reading back'

const STATE: Readonly<Record<Phase, string>> = {
  'reading names': 'nothing was written',
  'checking rights': 'nothing was written',
  content: 'no name was written; what was uploaded is used by the next run',
  'immutable names': 'no rolling name was moved',
  hooks: 'the immutable names stand, no rolling name was moved',
  journal: 'the immutable names stand, what the rolling names were could not be written down',
  'rolling names': 'the immutable names stand',
  'reading back': 'everything was written',
}

// Running the same again doesn't help against these.
const FINAL = new Set(['ERR_IMMUTABLE_TAG', 'ERR_DIGEST_MISMATCH'])
// After these nobody knows whether what was sent took effect.
const UNCLEAR = new Set(['ERR_CANCELLED', 'ERR_NETWORK', 'ERR_TIMEOUT', 'ERR_READ_BACK'])

interface Written {
  readonly written: ReadonlySet<string>
  readonly perhaps: ReadonlySet<string>
}

/** Whether an error says for certain that nothing was written. */
export function isRefusal(error: unknown): boolean {
  return isWaybillError(error) && error.outcome !== 'unknown' && !UNCLEAR.has(error.code)
}

/** What an error tells of the names: those that were written, and those that may have been. */
export function writtenBy({ written, perhaps }: Written): {
  readonly written: readonly string[]
  readonly perhaps?: readonly string[]
} {
  return { written: [...written], ...(perhaps.size === 0 ? {} : { perhaps: [...perhaps] }) }
}

/** The error of a phase: the first failure, what state it leaves, and the other failures beside it. */
export function failedIn(phase: Phase, failures: readonly unknown[], run: Written): WaybillError {
  const first = failures.find((failure) => isWaybillError(failure)) ?? failures[0]
  const known = isWaybillError(first) ? first : undefined
  const others = failures.filter((failure) => failure !== first).map(messageOf)
  const maybe = run.perhaps.size === 0 ? '' : `; perhaps written: ${[...run.perhaps].join(', ')}`
  const rest = others.length === 0 ? '' : `; also: ${others.join('; ')}`
  return new WaybillError(
    (known?.code as `ERR_${string}` | undefined) ?? 'ERR_PUBLISH_FAILED',
    `${messageOf(first)}${rest} (${STATE[phase]}${maybe})`,
    {
      hint: known?.hint ?? 'Run the same again: what stands is left as it is, the rest is done.',
      details: { ...known?.details, phase, ...writtenBy(run), others },
      outcome: outcomeOf(phase, known, run),
      cause: first,
    },
  )
}

// What was uploaded under no name is nothing to anybody, but whoever could not find out whether it was has to run again.
function outcomeOf(
  phase: Phase,
  error: WaybillError | undefined,
  { written, perhaps }: Written,
): Outcome {
  const own = error?.outcome ?? 'failed'
  if (phase === 'reading names' || phase === 'checking rights') return own
  // Whoever wrote the immutable names, this run or an earlier one: they stand, and the rest is to be done.
  if (phase === 'hooks' || phase === 'journal') return 'partial'
  if (FINAL.has(error?.code ?? '')) return own
  return written.size + perhaps.size > 0 || own === 'unknown' ? 'partial' : own
}

/** Stops work that was cancelled. @throws {ERR_CANCELLED} */
export function assertGoing(signal: AbortSignal): void {
  const hint = 'Run the same again: what stands is left as it is, the rest is done.'
  assertNotCancelled(signal, 'Publishing was cancelled', hint)
}

/** The finding for an optional destination that failed. */
export function optionalFailed({ name }: Destination, error: unknown): Finding {
  return {
    code: 'optional-destination-failed',
    level: 'warning',
    message: `${name}: ${messageOf(error)}`,
    ...(isWaybillError(error) && error.hint !== undefined ? { suggestion: error.hint } : {}),
    where: { repository: name },
  }
}
