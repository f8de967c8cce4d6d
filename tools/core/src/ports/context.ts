import type { Logger } from './logger.ts'
import type { Progress } from './progress.ts'
import type { HttpClient } from './http.ts'
import type { Exec } from './exec.ts'

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
