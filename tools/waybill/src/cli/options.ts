import { InvalidArgumentError, Option, type Command } from 'commander'
import { suggest, type Context } from '@waybill/core'
import { repeated } from './parse-call.ts'

const POLICIES = [
  'conventional',
  'release-please',
  'semantic-release',
  'semantic-release/angular',
  'semantic-release/conventionalcommits',
  'every-commit',
  'release-plz',
  'changesets',
]

/** `--policy P`, with the nearest name for one that is unknown. */
export function policyOption(): Option {
  return new Option('--policy <name>', `which commits release: ${POLICIES.join(', ')}`).argParser(
    (value) => {
      if (POLICIES.includes(value)) return value
      throw new InvalidArgumentError(`Unknown policy "${value}"; ${suggest(value, POLICIES)}`)
    },
  )
}

/** The options of commands that talk to registries. */
export interface RegistryValues {
  readonly plainHttp?: readonly string[]
  readonly caFile?: string
}

/** The context of a call and how it reaches registries: all that opening a repository needs of what a person gave. */
export function registryAccess(context: Context, values: RegistryValues): Context & RegistryValues {
  const { plainHttp, caFile } = values
  return {
    ...context,
    ...(plainHttp === undefined ? {} : { plainHttp }),
    ...(caFile === undefined ? {} : { caFile }),
  }
}

/** Adds the options of commands that talk to registries. */
export function registryOptions(command: Command): void {
  command
    .option(
      '--plain-http <host>',
      'talk http to this host; may be repeated (loopback needs no flag)',
      repeated,
    )
    .option('--ca-file <file>', 'certificates (PEM) to trust beside the built-in ones')
}

/** Adds `--yanked V`. */
export function yankedOption(command: Command): void {
  command.option(
    '--yanked <version>',
    'a version that does not count as highest; may be repeated',
    (value: string, before: readonly string[] | undefined) => repeated(versionText(value), before),
  )
}

const VERSION = /^\d+\.\d+\.\d+(?:[-+][0-9A-Za-z.+-]+)?$/

function versionText(text: string): string {
  if (VERSION.test(text)) return text
  throw new InvalidArgumentError(`Expected a version such as 1.2.3, found "${text}".`)
}
