import { exec } from '@actions/exec'
import {
  WaybillError,
  execFailed,
  messageOf,
  type Exec,
  type ExecOptions,
  type ExecResult,
} from '@waybill/core'

/**
 * Runs programs through @actions/exec. That package cannot end what it started: when the signal comes the call fails at once, and
 * the program itself is left to the runner, which ends everything a cancelled job started.
 */
export const actionsExec: Exec = (file, args, options = {}) => {
  const { signal } = options
  if (signal === undefined) return runTool(file, args, options)
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(cancelled(file))
    if (signal.aborted) return stop()
    signal.addEventListener('abort', stop, { once: true })
    runTool(file, args, options)
      .then(resolve, reject)
      .finally(() => signal.removeEventListener('abort', stop))
  })
}

async function runTool(
  file: string,
  args: readonly string[],
  options: ExecOptions,
): Promise<ExecResult> {
  const stdout: Uint8Array[] = []
  const stderr: Uint8Array[] = []
  const broken = tolerateBrokenPipes()
  const exitCode = await exec(quoted(file), [...args], {
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.env === undefined ? {} : { env: defined(options.env) }),
    input: options.input === undefined ? CLOSED : Buffer.from(options.input),
    silent: true,
    ignoreReturnCode: true,
    listeners: {
      stdout: (chunk) => (options.onStdout ?? ((bytes) => stdout.push(bytes)))(chunk),
      stderr: (chunk) => {
        stderr.push(chunk)
        options.onStderr?.(chunk)
      },
    },
  })
    .catch((error: unknown) => {
      throw startError(file, error)
    })
    .finally(broken)
  const errors = Buffer.concat(stderr).toString('utf8')
  // Null where a signal ended it.
  const exit: number | null = exitCode
  if (exit !== null && (options.okCodes ?? [0]).includes(exit))
    return { exitCode: exit, stdout: Buffer.concat(stdout), stderr: errors }
  throw execFailed(file, args, exit ?? 'unknown', errors)
}

// What the package hands to `stdin.end`: without anything the program's standard input would stay open, and even nothing at all,
// written to a program that has ended, is an error. A callback ends it and writes nothing.
const CLOSED = (() => {}) as unknown as Buffer

// A program may end without reading its input; its exit code says more than EPIPE would, and the package has no listener for it.
let running = 0

function tolerateBrokenPipes(): () => void {
  if (running++ === 0) process.on('uncaughtException', onlyBrokenPipe)
  return () => {
    if (--running === 0) process.off('uncaughtException', onlyBrokenPipe)
  }
}

function onlyBrokenPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error
}

// The package reads its first parameter as words of a command line.
const quoted = (file: string): string => `"${file.replaceAll('"', String.raw`\"`)}"`

const defined = (env: NonNullable<ExecOptions['env']>): Record<string, string> =>
  Object.fromEntries(Object.entries(env).flatMap(([k, v]) => (v === undefined ? [] : [[k, v]])))

function startError(file: string, error: unknown): WaybillError {
  const message = messageOf(error)
  if (!/unable to locate executable/i.test(message))
    return new WaybillError('ERR_EXEC_FAILED', `${file} could not be started: ${message}`, {
      cause: error,
    })
  return new WaybillError('ERR_TOOL_MISSING', `The program "${file}" was not found`, {
    hint: `Install ${file} in a step before this one, or put it on PATH.`,
    details: { file },
    cause: error,
  })
}

const cancelled = (file: string): WaybillError =>
  new WaybillError('ERR_CANCELLED', `${file} was left to the runner because the run was cancelled`)
