import type { ChildProcess } from 'node:child_process'
import { WaybillError } from '../values/error.ts'
import { hideCredentials } from '../text/hide-credentials.ts'
import { maskArguments } from '../text/mask-arguments.ts'
import type { Exec, ExecOptions, ExecResult } from '../ports/exec.ts'

/** Runs a program as a child process. */
export const spawnExec: Exec = async (file, args, options = {}) => {
  const { x } = await import('tinyexec')
  const started = x(file, [...args], {
    throwOnError: false,
    nodeOptions: {
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      ...(options.env === undefined ? {} : { env: only(options.env) }),
      ...(options.signal === undefined ? {} : { signal: options.signal }),
      stdio: 'pipe',
      windowsHide: true,
    },
  })
  return finish(started.process!, file, args, options)
}

// The library adds the process's environment to what it is given; a variable set to undefined is left out by Node.
function only(env: NonNullable<ExecOptions['env']>): Record<string, string | undefined> {
  const none = Object.keys(process.env).map((name) => [name, undefined] as const)
  return { ...Object.fromEntries(none), ...env }
}

function finish(
  child: ChildProcess,
  file: string,
  args: readonly string[],
  options: ExecOptions,
): Promise<ExecResult> {
  const stdout: Uint8Array[] = []
  const stderr: Uint8Array[] = []
  child.stdout?.on('data', options.onStdout ?? ((chunk: Uint8Array) => stdout.push(chunk)))
  child.stderr?.on('data', (chunk: Uint8Array) => {
    stderr.push(chunk)
    options.onStderr?.(chunk)
  })
  // A program may end without reading its input; its exit code says more than EPIPE would.
  child.stdin?.on('error', () => {})
  child.stdin?.end(options.input ?? '')
  return new Promise((resolve, reject) => {
    child.once('error', (error) => reject(startError(error, file, options)))
    child.once('close', (code, killedBy) => {
      const result = {
        exitCode: code ?? 1,
        stdout: Buffer.concat(stdout),
        stderr: Buffer.concat(stderr).toString('utf8'),
      }
      if (options.signal?.aborted === true) reject(cancelled(file))
      else if (code !== null && (options.okCodes ?? [0]).includes(code)) resolve(result)
      else reject(execFailed(file, args, code ?? String(killedBy), result.stderr))
    })
  })
}

/**
 * The error for a program that ended otherwise than expected; shows the last lines it wrote to standard error. Arguments that carry secrets by their
 * options' names are masked.
 */
export function execFailed(
  file: string,
  args: readonly string[],
  exit: number | string,
  stderr: string,
): WaybillError {
  const tail = stderr.trimEnd().split('\n').slice(-12).join('\n')
  const shown = maskArguments(args)
  // Before it is cut: half an address would not be known as one.
  const line = hideCredentials([file, ...shown].join(' ')).slice(0, 300)
  const how = typeof exit === 'number' ? `exit code ${exit}` : `signal ${exit}`
  return new WaybillError('ERR_EXEC_FAILED', `${line}: ${how}${tail === '' ? '' : `\n${tail}`}`, {
    details: { file, args: shown, exit, stderr: tail },
  })
}

function startError(
  error: NodeJS.ErrnoException,
  file: string,
  options: ExecOptions,
): WaybillError {
  if (options.signal?.aborted === true) return cancelled(file)
  if (error.code !== 'ENOENT') {
    return new WaybillError('ERR_EXEC_FAILED', `${file} could not be started: ${error.message}`, {
      cause: error,
    })
  }
  return new WaybillError('ERR_TOOL_MISSING', `The program "${file}" was not found`, {
    hint: `Install ${file}, or put it on PATH${options.cwd === undefined ? '' : `; also check that the folder ${options.cwd} exists`}.`,
    details: { file },
    cause: error,
  })
}

function cancelled(file: string): WaybillError {
  return new WaybillError('ERR_CANCELLED', `${file} was ended because the run was cancelled`)
}
