import { defineCommand, type CommandModule } from '../command.ts'
import { decideAll, readOrFindDefinition, type PolicyEntry } from '@waybill/release'
import { presentDecisions } from '../../present/decisions.ts'
import { policyOption } from '../options.ts'

interface GateOptions {
  readonly component?: string
  readonly since?: string
  readonly until?: string
  readonly policy?: PolicyEntry
}

export const command: CommandModule = defineCommand<GateOptions>({
  configure: (command) => {
    command
      .option('--component <name>', 'only this component')
      .option('--since <rev>', 'count commits after this revision instead of the last release')
      .option('--until <rev>', 'decide at this revision (default: HEAD)')
      .addOption(policyOption())
  },
  async run(context, { options }) {
    const { component, since, until, policy, config, allowCode } = options
    const definition = await readOrFindDefinition({ ...context, config, allowCode })
    return presentDecisions(
      await decideAll(definition, { ...context, component, since, until, policy }),
    )
  },
})
