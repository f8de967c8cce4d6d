import { resolve } from 'node:path'
import { statSync } from 'node:fs'
import { error as annotateError, setFailed, setOutput, summary } from '@actions/core'
import {
  WaybillError,
  createContext,
  isWaybillError,
  knownFileError,
  logText,
  messageOf,
  visibleLine,
  type Context,
} from '@waybill/core'
import { actionsExec } from './exec.ts'
import { forgetInputs, readInputs, type InputProblem, type InputsOf } from './inputs.ts'
import { actions, type ActionName } from './interface.ts'
import { logger, progress } from './log.ts'

/** What an action did. */
export interface Result<Name extends ActionName> {
  /** Those that are not named are empty. */
  readonly outputs: { readonly [Key in keyof (typeof actions)[Name]['outputs']]?: string }
  /** Markdown for the job's summary. */
  readonly summary?: string
  /** Why the step fails all the same. */
  readonly failed?: string | undefined
}

export type Work<Name extends ActionName> = (
  inputs: InputsOf<Name>,
  context: Context,
) => Promise<Result<Name>>

/** Runs an action: checks its inputs, binds a context to the runner, and sets every output, whatever happens. Never throws. */
export async function runAction<Name extends ActionName>(
  name: Name,
  work: Work<Name>,
): Promise<void> {
  const stop = new AbortController()
  const abort = (): void => stop.abort()
  process.once('SIGINT', abort).once('SIGTERM', abort)
  let context: Context | undefined
  let result: Result<Name> = { outputs: {} }
  try {
    const inputs = readInputs(name, process.env)
    forgetInputs(process.env)
    context = contextFor(inputs, stop.signal)
    result = await work(inputs, context)
    if (result.failed !== undefined) setFailed(logText(result.failed))
  } catch (error) {
    fail(knownFileError(error))
  }
  const outputs: Readonly<Record<string, string | undefined>> = result.outputs
  for (const output of Object.keys(actions[name].outputs)) setOutput(output, outputs[output] ?? '')
  await writeSummary(name, result.summary)
  await context?.http.close().catch(() => {})
  // A program that was left to the runner would keep this process waiting.
  if (stop.signal.aborted) process.exit()
}

function contextFor(
  inputs: { readonly 'working-directory'?: string; readonly out?: string },
  signal: AbortSignal,
): Context {
  const { 'working-directory': folder = '.', out } = inputs
  const cwd = resolve(process.env['GITHUB_WORKSPACE'] ?? '.', folder)
  if (statSync(cwd, { throwIfNoEntry: false })?.isDirectory() !== true)
    throw new WaybillError('ERR_USAGE', `Input "working-directory": there is no folder ${folder}`, {
      outcome: 'usage',
      hint: 'Check the repository out in a step before this one.',
    })
  return createContext({ cwd, out, signal, exec: actionsExec, logger, progress })
}

interface Located {
  readonly message: string
  readonly line?: number
}

function fail(error: unknown): void {
  if (!isWaybillError(error)) return setFailed(logText(messageOf(error)))
  const { code, hint, details } = error
  const { file, problems = [] } = details as { file?: string; problems?: readonly Located[] }
  // A mistake in the definition is shown where it stands.
  if (code === 'ERR_INVALID_DEFINITION' && file !== undefined)
    for (const { message, line } of problems)
      annotateError(logText(message), {
        title: code,
        file: visibleLine(file),
        ...(line === undefined ? {} : { startLine: line }),
      })
  const inputs = code === 'ERR_USAGE' ? (problems as readonly Partial<InputProblem>[]) : []
  for (const { input, message } of inputs.slice(1))
    annotateError(logText(`Input "${input}": ${message}`), { title: code })
  const [first] = inputs
  const message =
    first === undefined ? messageOf(error) : `Input "${first.input}": ${first.message}`
  process.exitCode = 1
  const text = [message, hint].filter((part) => part !== undefined).join('\n')
  annotateError(logText(text), { title: code })
}

// Where there is no summary (a runner older than it) the log has said the same.
async function writeSummary(name: ActionName, text: string | undefined): Promise<void> {
  if (text === undefined || (process.env['GITHUB_STEP_SUMMARY'] ?? '') === '') return
  await summary
    .addRaw(text, true)
    .write()
    .catch((error: unknown) => logger.warn(`${name}: no summary was written: ${messageOf(error)}`))
}
