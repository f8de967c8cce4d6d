/**
 * The port through which programs are run: an argument array, never a shell. Adapters exist for zx's `$` and for
 * `@actions/exec`; `spawnExec` is the default.
 * @throws {ERR_TOOL_MISSING} when there is no such program, {ERR_EXEC_FAILED} for an exit code that is not expected,
 * {ERR_CANCELLED} when the signal ended it.
 */
export type Exec = (
  file: string,
  args: readonly string[],
  options?: ExecOptions,
) => Promise<ExecResult>

export interface ExecOptions {
  readonly cwd?: string
  /** Exactly the variables the program sees. @default the process's own */
  readonly env?: Readonly<Record<string, string | undefined>>
  /** Written to standard input, which is then closed. @default nothing, closed at once */
  readonly input?: string | Uint8Array
  /** Ends the program (SIGTERM). */
  readonly signal?: AbortSignal
  /** Takes standard output as it comes; nothing is collected then. */
  readonly onStdout?: (chunk: Uint8Array) => void
  /** Sees standard error as it comes; it is collected all the same. */
  readonly onStderr?: (chunk: Uint8Array) => void
  /** Exit codes that are no failure. @default [0] */
  readonly okCodes?: readonly number[]
}

export interface ExecResult {
  readonly exitCode: number
  readonly stdout: Uint8Array
  readonly stderr: string
}
