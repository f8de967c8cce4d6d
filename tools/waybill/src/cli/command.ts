import type { Command } from 'commander'
import type { Context } from '@waybill/core'

/** The options of a call as the command line gave them, camel-cased; each command knows its own. */
export type Values = Readonly<Record<string, unknown>>

/** Options every command takes. */
export interface CommonValues {
  readonly json?: boolean
  readonly cwd?: string
  readonly config?: string
  readonly allowCode?: boolean
  readonly quiet?: boolean
  readonly verbose?: boolean
  readonly color?: boolean
  readonly timeout?: number
  readonly patience?: number
  readonly jobs?: number
  readonly out?: string
  readonly yes?: boolean
  readonly dryRun?: boolean
}

declare const notContext: unique symbol

/**
 * Marks what a person gave as no part of a context. Spread over one, it would take the place of what has the same name there: the `env` of an
 * image, say, that of the process, and with it the credentials. The mark makes the result unfit to be a context; it exists in types alone.
 */
export interface NotContext {
  readonly exec?: typeof notContext
}

export interface CallOf<Options> {
  readonly args: readonly string[]
  readonly options: Options & CommonValues & NotContext
}

/** One command: what it takes, and the one function it is thin over. Its result is what `present` knows how to show. */
export interface CommandModule<Options = Values> {
  configure(command: Command): void
  run(context: Context, call: CallOf<Options>): Promise<unknown>
}

/** Types a command's module, so that its options are named once. */
export function defineCommand<Options>(module: CommandModule<Options>): CommandModule {
  return module as unknown as CommandModule
}
