import {
  WaybillError,
  isPuttingRight,
  isWaybillError,
  messageOf,
  deferRejection,
} from '@waybill/core'
import { EXIT, exitCodeOf } from '../exit-code.ts'

const SIGNALS = { SIGINT: EXIT.interrupted, SIGTERM: EXIT.terminated, SIGHUP: EXIT.hungUp } as const

type SignalName = keyof typeof SIGNALS

/** What ends a session before its work does: a signal, or the time limit. */
export interface Stop {
  readonly signal: AbortSignal
  /** Fails when the work has not ended a good while after it was cancelled: something in it cannot be cancelled. */
  readonly stuck: Promise<never>
  isStuck(): boolean
  /** The error in place of which it is told that the time was up. */
  explain(error: unknown): unknown
  /** The signal's code where one came (unless a second run has something to finish), else the error's, or 0 without one. */
  exitCode(error?: unknown): number
  dispose(): void
}

/** Milliseconds that work has to end once it was cancelled. */
export interface Grace {
  readonly usual: number
  /** Where names are being put back at that moment, which asks a registry. */
  readonly puttingRight: number
}

/**
 * Listens for Ctrl-C, SIGTERM and a terminal that hangs up, and counts the time. The first signal cancels, and whatever is under way cleans up; a second
 * one ends the process where it is.
 * @param timeout milliseconds; none is for ever
 * @param grace milliseconds from there to the end
 */
export function createStop(timeout: number | undefined, grace: Grace): Stop {
  const controller = new AbortController()
  let received: SignalName | undefined
  let isStuck = false
  let isLast = false
  let waiting: NodeJS.Timeout | undefined
  let fail: (error: WaybillError) => void
  const stuck = deferRejection(new Promise<never>((_, reject) => (fail = reject)))
  const giveUp = (): void => {
    isStuck = true
    fail(stuckError(isLast ? grace.puttingRight : grace.usual))
  }
  const expireGrace = (): void => {
    if (!isPuttingRight()) return giveUp()
    isLast = true
    waiting = setTimeout(giveUp, grace.puttingRight - grace.usual)
  }
  const cancel = (): void => {
    controller.abort()
    waiting ??= setTimeout(expireGrace, grace.usual)
  }
  const receive = (name: SignalName): void => {
    if (received !== undefined) process.exit(SIGNALS[received])
    received = name
    cancel()
  }
  const names = Object.keys(SIGNALS) as SignalName[]
  for (const name of names) process.on(name, receive)
  let isLate = false
  const expire = (): void => {
    isLate = true
    cancel()
  }
  const timer = timeout === undefined ? undefined : setTimeout(expire, timeout).unref()
  return {
    signal: controller.signal,
    stuck,
    isStuck: () => isStuck,
    explain: (error) => (isLate ? lateError(error, timeout!) : error),
    exitCode: (error) => {
      const code = error === undefined ? EXIT.done : exitCodeOf(error)
      return received === undefined || code === EXIT.partial ? code : SIGNALS[received]
    },
    dispose: () => {
      clearTimeout(timer)
      clearTimeout(waiting)
      for (const name of names) process.off(name, receive)
    },
  }
}

const stuckError = (grace: number): WaybillError =>
  new WaybillError('ERR_CANCELLED', `Cancelled, but it did not end within ${grace / 1000} s`, {
    outcome: 'partial',
    hint: 'Something that was waited for (a pipe that nobody writes to?) cannot be given up. Run the same again.',
  })

function lateError(cause: unknown, timeout: number): WaybillError {
  const isPartial = isWaybillError(cause) && cause.outcome === 'partial'
  return new WaybillError(
    'ERR_TIMEOUT',
    `Gave up after ${timeout / 1000} s (--timeout): ${messageOf(cause)}`,
    {
      outcome: isPartial ? 'partial' : 'unknown',
      hint: 'Give it more time, or find out what it waited for with --verbose, and run the same again.',
      cause,
    },
  )
}
