import { spawn, type ChildProcess } from 'node:child_process'
import { resolve } from 'node:path'

export const ROOT: string = resolve(import.meta.dirname, '../../..')
export const BIN: string = resolve(ROOT, 'tools/waybill/bin/waybill.js')

export interface CliResult {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
  /** Standard output as JSON; throws where it is none. */
  readonly json: () => Record<string, unknown>
}

export interface CliOptions {
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string | undefined>>
  /** Another Node to run it on. */
  readonly node?: string
  /** Sees the process as soon as it runs. */
  readonly onStart?: (child: ChildProcess) => void
}

/** Runs the command line as a process of its own. */
export function waybill(args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  return runNode([BIN, ...args], options)
}

/** Runs any Node program. */
export function runNode(args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  return run(options.node ?? process.execPath, args, options)
}

/** Runs any program to its end. */
export function run(
  file: string,
  args: readonly string[],
  options: CliOptions = {},
): Promise<CliResult> {
  const { cwd = ROOT, env = {}, onStart } = options
  return new Promise((done, fail) => {
    const child = spawn(file, args, {
      cwd,
      env: { ...process.env, CI: 'true', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const out: Buffer[] = []
    const err: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk))
    child.once('error', fail)
    child.once('close', (code) => {
      const stdout = Buffer.concat(out).toString('utf8')
      done({
        code,
        stdout,
        stderr: Buffer.concat(err).toString('utf8'),
        json: () => JSON.parse(stdout) as Record<string, unknown>,
      })
    })
    onStart?.(child)
  })
}
