import type { Readable } from 'node:stream'
import { finished } from 'node:stream/promises'
import { WaybillError, execFailed, type Exec } from '@waybill/core'

interface ZxProcess extends PromiseLike<ZxOutput> {
  readonly stdin: {
    on(event: 'error', listener: () => void): unknown
    end(input?: string | Uint8Array): unknown
  }
  readonly stdout: Readable
  readonly stderr: Readable
}

interface ZxOutput {
  readonly exitCode: number | null
  readonly signal: string | null
  readonly stdout: string
  readonly stderr: string
  readonly cause?: unknown
}

type ZxTag = (pieces: TemplateStringsArray, ...values: readonly unknown[]) => ZxProcess

/** zx's `$`, as far as it is used. */
export interface ZxShell {
  (options: Readonly<Record<string, unknown>>): ZxTag
  readonly sync: unknown
}

/** Tells zx's `$` from an `Exec` function. */
export function isZx(value: Exec | ZxShell): value is ZxShell {
  // A proxy: `in` does not see what it answers for.
  return typeof (value as Partial<ZxShell>).sync === 'function'
}

/** Runs programs through zx's `$`; quoting stays zx's, the words stay an array. */
export function fromZx($: ZxShell): Exec {
  return async (file, args, options = {}) => {
    const { cwd, env, signal } = options
    const configured = $({
      quiet: true,
      nothrow: true,
      stdio: ['pipe', 'pipe', 'pipe'],
      ...(cwd === undefined ? {} : { cwd }),
      ...(env === undefined ? {} : { env }),
      ...(signal === undefined ? {} : { signal }),
    })
    const chunks: Uint8Array[] = []
    const started = configured`${file} ${args}`
    started.stdout.on('data', options.onStdout ?? ((chunk) => chunks.push(chunk)))
    if (options.onStderr !== undefined) started.stderr.on('data', options.onStderr)
    started.stdin.on('error', () => {})
    started.stdin.end(options.input ?? '')
    // zx settles when the program ends, which may be before the last of its output has come through.
    const [output] = await Promise.all([started, drained(started.stdout)])
    const code = output.exitCode ?? 1
    if (signal?.aborted === true)
      throw new WaybillError('ERR_CANCELLED', `${file} was ended because the run was cancelled`)
    if (code === 127 && (options.okCodes ?? []).every((ok) => ok !== 127)) throw missing(file)
    if (!(options.okCodes ?? [0]).includes(code)) throw execFailed(file, args, code, output.stderr)
    return { exitCode: code, stdout: Buffer.concat(chunks), stderr: output.stderr }
  }
}

const drained = (stream: Readable): Promise<void> => finished(stream).catch(() => {})

// zx runs through a shell, which says 127 for a program that is not there.
function missing(file: string): WaybillError {
  return new WaybillError('ERR_TOOL_MISSING', `The program "${file}" was not found`, {
    hint: `Install ${file}, or put it on PATH.`,
    details: { file },
  })
}
