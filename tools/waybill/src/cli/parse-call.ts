import { Command, CommanderError, InvalidArgumentError } from 'commander'
import { WaybillError, nearest } from '@waybill/core'
import type { CallOf, CommandModule, Values } from './command.ts'

export type Parsed = { readonly call: CallOf<Values> } | { readonly help: string }

/**
 * Reads a command's words.
 * @throws {ERR_USAGE} (outcome `usage`) with the nearest option for one that is unknown.
 */
export async function parseCall(
  name: string,
  summary: string,
  module: CommandModule,
  words: readonly string[],
): Promise<Parsed> {
  let help = ''
  const command = new Command(`waybill ${name}`)
    .description(`${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`)
    .exitOverride()
    .showSuggestionAfterError(false)
    .allowExcessArguments(false)
    .configureOutput({ writeOut: (text) => (help += text), writeErr: () => {} })
  module.configure(command)
  addCommonOptions(command)
  try {
    command.parse([...words], { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    if (error.code === 'commander.helpDisplayed') return { help }
    throw usageError(name, error, command, words)
  }
  return { call: { args: command.args, options: command.opts() } }
}

function addCommonOptions(command: Command): void {
  const has = (long: string): boolean => command.options.some((option) => option.long === long)
  const add = (flags: string, text: string, parse?: (value: string) => unknown): void => {
    if (has(flags.match(/--[a-z-]+/)![0])) return
    if (parse === undefined) command.option(flags, text)
    else command.option(flags, text, parse)
  }
  add('--json', 'print exactly one JSON document on standard output')
  add('--cwd <dir>', 'work in this folder')
  add('--config <file>', 'the release definition (default: waybill.yaml, .yml, .json or .mjs)')
  add('--allow-code', 'let a definition that is a program (.mjs) run on a command that only reads')
  add('--quiet', 'only results, warnings and errors')
  add('--verbose', 'more detail, and stacks of errors')
  add('--no-color', 'no colours (also NO_COLOR, CI)')
  add('--timeout <time>', 'give up after 90s, 5m, 1h … (a bare number is seconds)', duration)
  add(
    '--patience <time>',
    'how long a registry or forge that fails is waited for (default: 5m; 0: not at all)',
    patience,
  )
  add('--jobs <n>', 'how much may run at the same time (default: the cores)', positiveInteger)
}

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }

// What a timer can wait; one that is asked for more goes off at once.
const LONGEST = 2 ** 31 - 1

/** Reads `500ms`, `90s`, `5m`, `1h` or seconds as milliseconds. */
export function duration(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(text)
  const value = match === null ? 0 : Number(match[1]) * UNITS[match[2] ?? 's']!
  if (value > 0 && value <= LONGEST) return value
  if (value > LONGEST) throw new InvalidArgumentError(`Expected at most 596h, found "${text}".`)
  throw new InvalidArgumentError(`Expected a time such as 90s or 5m, found "${text}".`)
}

// Nothing is a time too, here.
const patience = (text: string): number => (/^0+(?:ms|s|m|h)?$/.test(text) ? 0 : duration(text))

/** Reads a whole number from 1. */
export function positiveInteger(text: string): number {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text)
  throw new InvalidArgumentError(`Expected a whole number from 1, found "${text}".`)
}

/** Collects an option that may be given several times. */
export function repeated(value: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), value]
}

function usageError(
  name: string,
  error: CommanderError,
  command: Command,
  words: readonly string[],
): WaybillError {
  const option = unknownOption(error, command, words)
  const message =
    option === undefined ? error.message.replace(/^error: /, '') : `unknown option '${option}'`
  const known = command.options.map(({ long }) => long ?? '')
  const near = option === undefined ? undefined : nearest(option, known)
  return new WaybillError(
    'ERR_USAGE',
    `waybill ${name}: ${message}${near === undefined ? '' : `; did you mean ${near}?`}`,
    { outcome: 'usage', hint: `See \`waybill ${name} --help\`.` },
  )
}

// What is missing is reported first; a mistyped option is more often the reason than the consequence.
function unknownOption(
  error: CommanderError,
  command: Command,
  words: readonly string[],
): string | undefined {
  const told = /unknown option '([^'=]+)/.exec(error.message)?.[1]
  if (told !== undefined || error.code !== 'commander.missingMandatoryOptionValue') return told
  const known = new Set(command.options.map(({ long }) => long))
  const options = words.flatMap((word) => /^(--[a-z][^=]*)/.exec(word)?.[1] ?? [])
  return options.find((option) => !known.has(option))
}
