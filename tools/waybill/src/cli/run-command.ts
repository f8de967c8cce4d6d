import { WaybillError, suggest, type Context } from '@waybill/core'
import { present, presentation, type Presentation } from '../present/present.ts'
import { commands } from './commands.ts'
import { parseCall } from './parse-call.ts'

/**
 * Runs a command of the command line in a context, and resolves to its result: JSON, text, exit code. Loads that command alone.
 * What a front end other than the terminal is thin over; the context takes the place of the common options.
 * @throws {ERR_USAGE} for a command or an option that is not there, and what the command throws.
 */
export async function runCommand(
  name: string,
  words: readonly string[],
  context: Context,
): Promise<Presentation> {
  const entry = commands[name]
  if (entry === undefined) throw unknownCommand(name)
  const { command } = await entry.load()
  const parsed = await parseCall(name, entry.summary, command, words)
  if ('help' in parsed) return presentation(undefined, parsed.help)
  return present(await command.run(context, parsed.call))
}

/** The error for a command that is not there, with the nearest name. */
export function unknownCommand(name: string): WaybillError {
  return new WaybillError(
    'ERR_USAGE',
    `Unknown command "${name}"; ${suggest(name, Object.keys(commands))}`,
    { outcome: 'usage', hint: 'See `waybill --help`.' },
  )
}
