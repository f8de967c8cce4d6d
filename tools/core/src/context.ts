import { setMaxListeners } from 'node:events'
import { availableParallelism } from 'node:os'
import { resolve } from 'node:path'
import { spawnExec } from './io/exec.ts'
import { createHttpClient } from './io/http/client.ts'
import { silentLogger } from './ports/logger.ts'
import { silentProgress } from './ports/progress.ts'
import type { Context, ContextOptions } from './ports/context.ts'

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
