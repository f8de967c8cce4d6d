import {
  createContext,
  knownFileError,
  logText,
  visibleJson,
  type Context,
  type ContextOptions,
} from '@waybill/core'
import { present, type Presentation } from '../present/present.ts'
import { print, tolerantOutput, type Output } from './output.ts'
import { printError } from './print-error.ts'
import { createStop } from './stop.ts'
import { createTerminal } from './terminal.ts'

export interface SessionOptions extends Omit<ContextOptions, 'logger' | 'progress' | 'signal'> {
  /** Print exactly one JSON document on `stdout`. @default false */
  readonly json?: boolean | undefined
  readonly quiet?: boolean | undefined
  readonly verbose?: boolean | undefined
  /** @default whether `stderr` is a terminal, and neither NO_COLOR nor CI is set */
  readonly color?: boolean | undefined
  /** Milliseconds after which the work is cancelled. @default never */
  readonly timeout?: number | undefined
  /** Milliseconds that work has to end once it was cancelled; after them the process is killed. @default 5000; 75000 while names are put back */
  readonly grace?: number | undefined
  readonly stdout?: Output | undefined
  readonly stderr?: Output | undefined
}

// What most outages of a registry take.
const PATIENCE = 300_000

/**
 * Runs work with a context, and owns what surrounds it: Ctrl-C, the time limit, progress, the printing of the result or the error.
 * Resolves to the exit code and never throws.
 */
export async function runSession(
  options: SessionOptions,
  work: (context: Context) => Promise<unknown>,
): Promise<number> {
  const stdout = options.stdout ?? process.stdout
  const stderr = tolerantOutput(options.stderr ?? process.stderr)
  const env = options.env ?? process.env
  const plain = (env['NO_COLOR'] ?? '') !== '' || (env['CI'] ?? '') !== ''
  const terminal = createTerminal(stderr, {
    color: options.color ?? (stderr.isTTY === true && !plain),
    live: stderr.isTTY === true && !plain,
    quiet: options.quiet ?? false,
    verbose: options.verbose ?? false,
  })
  const stop = createStop(options.timeout, {
    usual: options.grace ?? 5000,
    puttingRight: Math.max(options.grace ?? 0, 75_000),
  })
  const context = createContext({
    ...options,
    env,
    logger: terminal.logger,
    progress: terminal.progress,
    signal: stop.signal,
    patience: options.patience ?? PATIENCE,
  })
  try {
    const result = await Promise.race([work(context), stop.stuck])
    const shown = present(result)
    terminal.close()
    if (!(await print(stdout, textOf(shown, options))))
      terminal.logger.warn('nobody read the result on stdout; the work itself is done')
    return result === undefined ? stop.exitCode() : shown.exitCode
  } catch (thrown) {
    terminal.close()
    const error = stop.explain(knownFileError(thrown))
    const { json = false, verbose = false } = options
    await printError(error, { json, verbose, stdout, logger: terminal.logger })
    const code = stop.exitCode(error)
    // What it waits for would keep the process alive; a thread that waits in the file system even keeps it from exiting.
    if (stop.isStuck()) process.kill(process.pid, 'SIGKILL')
    return code
  } finally {
    stop.dispose()
    await context.http.close().catch(() => {})
    await stderr.close()
  }
}

function textOf({ json, text }: Presentation, options: SessionOptions): string {
  if (options.json !== true) return text === '' ? '' : `${logText(text)}\n`
  return json === undefined ? '' : `${visibleJson(json)}\n`
}
