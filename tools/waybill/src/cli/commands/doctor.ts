import { doctor } from '@waybill/registry'
import { defineCommand, type CommandModule } from '../command.ts'
import { registryAccess, registryOptions, type RegistryValues } from '../options.ts'
import { findingsText, presentation } from '../../present/present.ts'
import { table } from '../../present/table.ts'
import { EXIT } from '../../exit-code.ts'

export const command: CommandModule = defineCommand<RegistryValues>({
  configure: (command) => {
    command.argument('<repository>', 'the repository to try out; nothing is left behind')
    registryOptions(command)
  },
  async run(context, { args, options }) {
    const report = await doctor(args[0]!, registryAccess(context, options))
    const rows = Object.entries(report.capabilities).map(([name, can]) => [
      name,
      CAN.get(can as boolean | null) ?? String(can),
    ])
    const text = [table(rows), findingsText(report.findings)].filter((part) => part !== '')
    return presentation(report, text.join('\n'), report.ok ? EXIT.done : EXIT.failed)
  },
})

const CAN = new Map<boolean | null, string>([
  [true, 'yes'],
  [false, 'no'],
  [null, 'could not be found out'],
])
