import { WaybillError } from '@waybill/core'
import { EXIT } from '../run/exit-code.ts'
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
  if ('help' in parsed) {
    process.stdout.write(parsed.help)
    return EXIT.done
  }
  return runSession(sessionOptions(parsed.call), (context) => command.run(context, parsed.call))
}

function sessionOptions({ options }: CallOf<Values>): Parameters<typeof runSession>[0] {
  const { json, cwd, quiet, verbose, color, timeout, jobs, out } = options
  return { json, cwd, quiet, verbose, timeout, jobs, out, ...(color === false ? { color } : {}) }
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
  process.stdout.write(usageText())
  return EXIT.done
}

const fail = (rest: readonly string[], error: unknown): Promise<number> =>
  runSession({ json: rest.includes('--json'), verbose: rest.includes('--verbose') }, () =>
    Promise.reject(error),
  )
