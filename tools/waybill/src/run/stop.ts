import { WaybillError, isWaybillError, messageOf } from '@waybill/core'
import { EXIT, exitCodeOf } from './exit-code.ts'

const SIGNALS = { SIGINT: EXIT.interrupted, SIGTERM: EXIT.terminated, SIGHUP: EXIT.hungUp } as const

type SignalName = keyof typeof SIGNALS

/** What ends a session before its work does: a signal, or the time limit. */
export interface Stop {
  readonly signal: AbortSignal
  /** The error in place of which it is told that the time was up. */
  explain(error: unknown): unknown
  /** The signal's code where one came (unless a second run has something to finish), else the error's, or 0 without one. */
  exitCode(error?: unknown): number
  dispose(): void
}

/**
 * Listens for Ctrl-C, SIGTERM and a terminal that hangs up, and counts the time. The first signal cancels, and whatever is under way cleans up; a second
 * one ends the process where it is.
 * @param timeout milliseconds; none is for ever
 */
export function createStop(timeout: number | undefined): Stop {
  const controller = new AbortController()
  let received: SignalName | undefined
  const receive = (name: SignalName): void => {
    if (received !== undefined) process.exit(SIGNALS[received])
    received = name
    controller.abort()
  }
  const names = Object.keys(SIGNALS) as SignalName[]
  for (const name of names) process.on(name, receive)
  let isLate = false
  const expire = (): void => {
    isLate = true
    controller.abort()
  }
  const timer = timeout === undefined ? undefined : setTimeout(expire, timeout).unref()
  return {
    signal: controller.signal,
    explain: (error) => (isLate ? lateError(error, timeout!) : error),
    exitCode: (error) => {
      const code = error === undefined ? EXIT.done : exitCodeOf(error)
      return received === undefined || code === EXIT.partial ? code : SIGNALS[received]
    },
    dispose: () => {
      clearTimeout(timer)
      for (const name of names) process.off(name, receive)
    },
  }
}

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
