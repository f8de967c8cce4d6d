import { addAbortSignal } from 'node:stream'
import { text } from 'node:stream/consumers'
import { WaybillError, assertNotCancelled } from '@waybill/core'
import { login } from '@waybill/registry'
import { defineCommand, type CommandModule } from '../command.ts'
import { registryOptions, type RegistryValues } from '../options.ts'
import { presentation } from '../../present/present.ts'

interface LoginValues extends RegistryValues {
  readonly username: string
  readonly passwordStdin?: boolean
}

export const command: CommandModule = defineCommand<LoginValues>({
  configure: (command) => {
    command
      .argument('<host>', 'the registry, for example ghcr.io')
      .requiredOption('--username <user>', 'who logs in')
      .option('--password-stdin', 'read the password or token from standard input')
    registryOptions(command)
  },
  async run(context, { args, options }) {
    if (options.passwordStdin !== true)
      throw usage(
        '--password-stdin is missing: a password on the command line would be seen by others',
      )
    const password = await readPassword(context.signal)
    if (password === '') throw usage('standard input holds no password')
    const { username, plainHttp, caFile } = options
    const result = await login(args[0]!, { ...context, username, password, plainHttp, caFile })
    return presentation(
      { schemaVersion: 1, ...result },
      `logged in to ${result.registry}, kept in ${result.file}`,
    )
  },
})

async function readPassword(signal: AbortSignal): Promise<string> {
  try {
    return (await text(addAbortSignal(signal, process.stdin))).replace(/\r?\n$/, '')
  } catch (error) {
    assertNotCancelled(signal, 'Waiting for the password was cancelled', 'Run the same again.')
    throw error
  }
}

const usage = (message: string): WaybillError =>
  new WaybillError('ERR_USAGE', `waybill login: ${message}`, {
    outcome: 'usage',
    hint: 'For example: waybill login ghcr.io --username me --password-stdin <token.txt',
  })
