import { InvalidArgumentError, type Command } from 'commander'
import type { RegistryValues } from './options.ts'
import { commandWords } from './image-values.ts'
import { yankedOption } from './options.ts'
import { repeated } from './parse-call.ts'
import { runsOptions, type RunsValues } from './runs-options.ts'

/** The options of everything that publishes, as the command line gave them. */
export interface PublishValues extends RegistryValues, RunsValues {
  readonly version?: string
  readonly to?: readonly string[]
  readonly optional?: readonly string[]
  readonly tagPrefix?: string
  readonly channel?: string
  readonly yanked?: readonly string[]
  readonly commit?: string
  readonly git?: string
  readonly gitTag?: string
  readonly artifacts?: string
  readonly path?: string
  readonly waiveIdentity?: string
  readonly journal?: string
  readonly receipt?: string
  readonly plan?: string
  readonly planDigest?: string
  readonly beforeRolling?: readonly (readonly [string, ...string[]])[]
}

/** Adds the options of everything that publishes. */
export function publishOptions(command: Command): void {
  yankedOption(command)
  runsOptions(command)
  command
    .option(
      '--path <path>',
      'where the binary is in the image (default: the program that its entrypoint runs)',
    )
    .option('--version <version>', 'the version to publish')
    .option('--to <repository>', 'a repository to publish to; may be repeated', repeated)
    .option(
      '--optional <repository>',
      'a repository whose failure is only reported; may be repeated',
      repeated,
    )
    .option('--tag-prefix <prefix>', 'put before every tag')
    .option('--channel <name>', 'move this channel’s tag and nothing else')
    .option('--commit <sha>', 'the released commit, its object name', commitName)
    .option('--git <remote>', 'push the release tag to this git remote')
    .option('--git-tag <name>', 'the git tag’s name')
    .option(
      '--artifacts <dir>',
      'the released files to prove the image against: a folder or its SHA256SUMS',
    )
    .option(
      '--waive-identity <reason>',
      'publish without that proof; the receipt keeps the reason (beside --plan: its own reason)',
    )
    .option('--journal <dir>', 'where the journal is kept (default: .waybill/journal)')
    .option('--receipt <file>', 'write the receipt here as well')
    .option('--plan-digest <digest>', 'publish only if the plan has this digest')
    .option(
      '--before-rolling <json or words>',
      'a program to run for every name@digest before a rolling tag moves, {image} filled in; may be repeated',
      (text, before: PublishValues['beforeRolling']) => [...(before ?? []), commandWords(text)],
    )
    .option('--dry-run', 'print the plan and its digest, write nothing')
    .option('--yes', 'do not ask')
}

/** Reads a commit's object name. */
export function commitName(text: string): string {
  if (/^[0-9a-f]{7,64}$/.test(text)) return text
  throw new InvalidArgumentError(
    `Expected a commit's object name, as git rev-parse prints it, found "${text}".`,
  )
}
