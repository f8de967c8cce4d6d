import { once } from 'node:events'
import { resolve } from 'node:path'
import { messageOf } from '@waybill/core'
import { InvalidArgumentError } from 'commander'
import { parseFaults, parseProfile, profileNames, startRegistry } from '@waybill/testkit'
import { print } from '../../run/output.ts'
import { defineCommand, type CommandModule } from '../command.ts'

interface RegistryCommandValues {
  readonly listen?: string
  readonly root?: string
  readonly like?: string
  readonly fault?: string
  /** true without a pattern: every tag. */
  readonly immutableTags?: boolean | RegExp
}

export const command: CommandModule = defineCommand<RegistryCommandValues>({
  configure: (command) => {
    command
      .option('--listen <address>', 'host:port to listen on (default: 127.0.0.1 and a free port)')
      .option('--root <dir>', 'keep everything in this folder (default: in memory)')
      .option('--like <name>', `behave like another registry: ${profileNames.join(', ')}`)
      .option('--fault <spec>', 'faults by request number, for example 503@7,drop@9-11')
      .option(
        '--immutable-tags [pattern]',
        'tags that never move once they are set: those a regular expression matches (default: all)',
        pattern,
      )
  },
  async run({ cwd, signal }, { options }) {
    const { listen, root, like, fault, immutableTags = false, json } = options
    const registry = await startRegistry({
      listen,
      root: root === undefined ? undefined : resolve(cwd, root),
      like: like === undefined ? undefined : parseProfile(like),
      faults: fault === undefined ? undefined : parseFaults(fault),
      immutableTags,
      keep: 0, // nobody asks this process what it was asked
    })
    const first =
      json === true
        ? JSON.stringify({ schemaVersion: 1, address: registry.address })
        : registry.address
    try {
      await print(process.stdout, `${first}\n`)
      if (!signal.aborted) await once(signal, 'abort')
    } finally {
      await registry.close()
    }
    return undefined
  },
})

function pattern(text: string): RegExp {
  try {
    return new RegExp(text)
  } catch (error) {
    throw new InvalidArgumentError(`Expected a regular expression: ${messageOf(error)}.`)
  }
}
