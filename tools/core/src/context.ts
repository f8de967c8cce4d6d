import { setMaxListeners } from 'node:events'
import { availableParallelism } from 'node:os'
import { resolve } from 'node:path'
import { spawnExec, type Exec } from './exec.ts'
import { createHttpClient } from './http.ts'
import { silentLogger, type Logger } from './logger.ts'
import { silentProgress, type Progress } from './progress.ts'
import type { HttpClient } from './http-types.ts'

/** What every function of Waybill may lean on. `run` makes one; functions that stand alone take any part of it among their options. */
export interface Context {
  /** The repository's root or a folder in it, absolute. @default the process's working folder */
  readonly cwd: string
  /** Where builds are written, absolute. @default 'dist' in `cwd` */
  readonly out: string
  readonly exec: Exec
  readonly logger: Logger
  readonly progress: Progress
  /** Aborting it ends everything under way. */
  readonly signal: AbortSignal
  /** How much may run at the same time. @default the number of cores */
  readonly jobs: number
  /** Where credentials and proxies are looked up; nothing else is read from it. @default the process's environment */
  readonly env: Readonly<Record<string, string | undefined>>
  readonly http: HttpClient
  /**
   * Milliseconds that an outage of a registry, forge or npm is waited for; a line of the logger says so at once. 0: only a few short tries.
   * @default 0; 300000 (5 minutes) in `run` and on the command line
   */
  readonly patience: number
}

/** Any part of a context, as the options of a function. */
export type ContextOptions = { readonly [Key in keyof Context]?: Context[Key] | undefined }

/** Completes a context with its defaults. */
export function createContext(options: ContextOptions = {}): Context {
  const cwd = resolve(options.cwd ?? '.')
  const env = options.env ?? process.env
  const logger = options.logger ?? silentLogger
  const patience = options.patience ?? 0
  const signal = options.signal ?? new AbortController().signal
  // Every request under way listens to it; Node takes more than ten for a leak and says so on standard error.
  setMaxListeners(0, signal)
  return {
    cwd,
    out: resolve(cwd, options.out ?? 'dist'),
    exec: options.exec ?? spawnExec,
    logger,
    progress: options.progress ?? silentProgress,
    signal,
    jobs: options.jobs ?? availableParallelism(),
    env,
    http: options.http ?? createHttpClient({ env, logger, patience }),
    patience,
  }
}
