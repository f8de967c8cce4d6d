import type { Exec } from '@waybill/core'
import { fromZx, isZx, type ZxShell } from '../exec/from-zx.ts'
import { runSession, type SessionOptions } from './session.ts'
import { createToolbox, type Toolbox } from './toolbox.ts'

export interface RunOptions extends Omit<SessionOptions, 'exec'> {
  /** How programs are run: zx's `$`, or an `Exec`. @default child processes */
  readonly exec?: Exec | ZxShell | undefined
}

/**
 * Runs a release script: binds the line's functions to a context, owns Ctrl-C, progress and clean-up, prints what the script
 * returns (a decision, a receipt, a report …) or throws, and resolves to the exit code.
 */
export function run(
  options: RunOptions,
  script: (wb: Toolbox) => Promise<unknown>,
): Promise<number> {
  const { exec, ...session } = options
  const port = exec !== undefined && isZx(exec) ? fromZx(exec) : exec
  return runSession({ ...session, exec: port }, (context) => script(createToolbox(context)))
}
