import { statSync } from 'node:fs'
import { WaybillError } from '@waybill/core'
import { presentation } from '../present/present.ts'
import { runSession } from '../run/session.ts'
import { commands } from './commands.ts'
import type { CallOf, Values } from './command.ts'
import { usageText } from './help.ts'
import { parseCall, type Parsed } from './parse-call.ts'
import { unknownCommand } from './run-command.ts'
import { splitCommand } from './split-command.ts'

/** Runs the command line. Resolves to the exit code and never throws. */
export async function main(argv: readonly string[]): Promise<number> {
  const { name, rest } = splitCommand(argv)
  if (!standsSomewhere()) return fail(rest, gone())
  if (name === undefined || name === 'help') return help(rest)
  const entry = commands[name]
  if (entry === undefined) return fail(rest, unknownCommand(name))
  const { command } = await entry.load()
  let parsed: Parsed
  try {
    parsed = await parseCall(name, entry.summary, command, rest)
  } catch (error) {
    return fail(rest, error)
  }
  if ('help' in parsed) return show(parsed.help)
  const { call } = parsed
  return runSession(sessionOptions(call), (context) => {
    assertFolder(call.options.cwd)
    assertNamed(call.options)
    return command.run(context, call)
  })
}

function standsSomewhere(): boolean {
  try {
    process.cwd()
    return true
  } catch {
    process.chdir('/') // so that it can be said
    return false
  }
}

const gone = (): WaybillError =>
  new WaybillError('ERR_USAGE', 'The folder that waybill is run in is no longer there', {
    outcome: 'usage',
    hint: 'Go to a folder that exists.',
  })

// Every program that is run there would say that it is missing itself.
function assertFolder(cwd: string | undefined): void {
  if (cwd === undefined || statSync(cwd, { throwIfNoEntry: false })?.isDirectory() === true) return
  throw new WaybillError('ERR_USAGE', `--cwd: expected a folder, found none at ${cwd}`, {
    outcome: 'usage',
    hint: 'Check the path; it is relative to where waybill is run.',
  })
}

// What a shell makes of a variable that is not set would be the folder one stands in.
function assertNamed(options: Values): void {
  const empty = NAMES.find((name) => [options[name]].flat().includes(''))
  if (empty === undefined) return
  const option = `--${empty.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
  throw new WaybillError('ERR_USAGE', `${option}: expected ${WHAT[empty]}, found nothing`, {
    outcome: 'usage',
    hint: `Is a variable of the shell empty? Leave ${option} out, or give it a value; the folder one stands in is .`,
  })
}

// Those whose empty value would be taken for a folder, for everything, or for nothing at all.
const WHAT: Readonly<Record<string, string>> = {
  artifacts: 'a folder or SHA256SUMS',
  base: 'an image',
  caFile: 'a file',
  component: 'a name',
  config: 'a file',
  git: 'a remote',
  gitTag: 'a tag',
  ignore: 'what may differ',
  join: 'a folder',
  journal: 'a folder',
  keyring: 'a file',
  mirror: 'an address',
  out: 'a folder or file',
  path: 'a path in the image',
  plainHttp: 'a host',
  plan: 'a file',
  planDigest: 'a digest',
  receipt: 'a file',
  reference: 'a name',
  root: 'a folder',
  state: 'a folder',
}
const NAMES: readonly string[] = Object.keys(WHAT)

function sessionOptions({ options }: CallOf<Values>): Parameters<typeof runSession>[0] {
  const { json, cwd, quiet, verbose, color, timeout, patience, jobs, out } = options
  return {
    json,
    cwd,
    quiet,
    verbose,
    timeout,
    patience,
    jobs,
    out,
    ...(color === false ? { color } : {}),
  }
}

async function help(rest: readonly string[]): Promise<number> {
  const name = rest.find((word) => !word.startsWith('-'))
  if (name !== undefined)
    return commands[name] === undefined ? fail(rest, unknownCommand(name)) : main([name, '--help'])
  const wrong = rest.find((word) => word.startsWith('-') && !['--help', '-h'].includes(word))
  if (wrong !== undefined && rest.length === 1)
    return fail(
      rest,
      new WaybillError('ERR_USAGE', `Expected a command, found only ${wrong}`, {
        outcome: 'usage',
        hint: 'See `waybill --help`.',
      }),
    )
  return show(usageText())
}

const show = (text: string): Promise<number> =>
  runSession({}, () => Promise.resolve(presentation(undefined, text.trimEnd())))

const fail = (rest: readonly string[], error: unknown): Promise<number> =>
  runSession({ json: rest.includes('--json'), verbose: rest.includes('--verbose') }, () =>
    Promise.reject(error),
  )
