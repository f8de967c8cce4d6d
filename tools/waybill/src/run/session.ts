import {
  WaybillError,
  createContext,
  isWaybillError,
  knownFileError,
  messageOf,
  type Context,
  type ContextOptions,
} from '@waybill/core'
import { present } from '../present/present.ts'
import { EXIT, exitCodeOf } from './exit-code.ts'
import { createTerminal, type Output } from './terminal.ts'

export interface SessionOptions extends Omit<ContextOptions, 'logger' | 'progress' | 'signal'> {
  /** Print exactly one JSON document on `stdout`. @default false */
  readonly json?: boolean | undefined
  readonly quiet?: boolean | undefined
  readonly verbose?: boolean | undefined
  /** @default whether `stderr` is a terminal, and neither NO_COLOR nor CI is set */
  readonly color?: boolean | undefined
  /** Milliseconds after which the work is cancelled. @default never */
  readonly timeout?: number | undefined
  readonly stdout?: Output | undefined
  readonly stderr?: Output | undefined
}

const SIGNALS = { SIGINT: EXIT.interrupted, SIGTERM: EXIT.terminated } as const

/**
 * Runs work with a context, and owns what surrounds it: Ctrl-C, the time limit, progress, the printing of the result or the error.
 * Resolves to the exit code and never throws.
 */
export async function runSession(
  options: SessionOptions,
  work: (context: Context) => Promise<unknown>,
): Promise<number> {
  const stdout = options.stdout ?? process.stdout
  const stderr = options.stderr ?? process.stderr
  const env = options.env ?? process.env
  const plain = (env['NO_COLOR'] ?? '') !== '' || (env['CI'] ?? '') !== ''
  const terminal = createTerminal(stderr, {
    color: options.color ?? (stderr.isTTY === true && !plain),
    live: stderr.isTTY === true && !plain,
    quiet: options.quiet ?? false,
    verbose: options.verbose ?? false,
  })
  const stop = createStop(options.timeout)
  const context = createContext({
    ...options,
    env,
    logger: terminal.logger,
    progress: terminal.progress,
    signal: stop.signal,
  })
  try {
    const result = await work(context)
    const { json, text, exitCode } = present(result)
    terminal.close()
    if (options.json !== true) stdout.write(text === '' ? '' : `${text}\n`)
    else if (json !== undefined) stdout.write(`${JSON.stringify(json, null, 2)}\n`)
    return result === undefined ? stop.exitCode() : exitCode
  } catch (thrown) {
    terminal.close()
    const error = stop.explain(knownFileError(thrown))
    printError(error, {
      json: options.json === true,
      verbose: options.verbose === true,
      stdout,
      terminal,
    })
    return stop.exitCode(error)
  } finally {
    stop.dispose()
    await context.http.close().catch(() => {})
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

interface Stop {
  readonly signal: AbortSignal
  /** The error in place of which it is told that the time was up. */
  explain(error: unknown): unknown
  /** The signal's code where one came (unless a second run has something to finish), else the error's, or 0 without one. */
  exitCode(error?: unknown): number
  dispose(): void
}

// The first signal cancels, and whatever is under way cleans up; a second one ends the process where it is.
function createStop(timeout: number | undefined): Stop {
  const controller = new AbortController()
  let received: keyof typeof SIGNALS | undefined
  const handle = (name: keyof typeof SIGNALS) => (): void => {
    if (received !== undefined) process.exit(SIGNALS[received])
    received = name
    controller.abort()
  }
  const handlers = { SIGINT: handle('SIGINT'), SIGTERM: handle('SIGTERM') }
  process.on('SIGINT', handlers.SIGINT)
  process.on('SIGTERM', handlers.SIGTERM)
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
      process.off('SIGINT', handlers.SIGINT)
      process.off('SIGTERM', handlers.SIGTERM)
    },
  }
}

interface PrintOptions {
  readonly json: boolean
  readonly verbose: boolean
  readonly stdout: Output
  readonly terminal: {
    readonly logger: { error(message: string): void; info(message: string): void }
  }
}

/** Prints an error: its JSON document on stdout, or its message and hint; the stack only for `--verbose` and for what is no Waybill error. */
function printError(error: unknown, { json, verbose, stdout, terminal }: PrintOptions): void {
  const known = isWaybillError(error)
  const code = known ? error.code : 'ERR_INTERNAL'
  const hint = known
    ? error.hint
    : 'This is a mistake in Waybill; please report it with the output of --verbose.'
  if (json) {
    const details = known ? error.details : {}
    stdout.write(
      `${JSON.stringify({ error: { code, message: messageOf(error), hint, details } }, null, 2)}\n`,
    )
  } else {
    terminal.logger.error(`${messageOf(error)} [${code}]${hint === undefined ? '' : `\n  ${hint}`}`)
  }
  if (verbose && error instanceof Error && error.stack !== undefined)
    terminal.logger.info(error.stack)
}
