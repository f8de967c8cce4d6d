import { visibleLine } from '@waybill/core'
import { explain } from '@waybill/gate'
import { defineCommand, type CommandModule } from '../command.ts'
import { readOrFindDefinition, componentsOf, policyOfEntry } from '@waybill/release'
import { findingsText, presentation } from '../../present/present.ts'
export const command: CommandModule = defineCommand<object>({
  configure: (command) => {
    command.argument('<commit>', 'the commit to explain')
  },
  async run(context, { args, options }) {
    const definition = await readOrFindDefinition({
      ...context,
      config: options.config,
      allowCode: options.allowCode,
    })
    const explanation = await explain(args[0]!, {
      ...context,
      components: componentsOf(definition),
      policy: policyOfEntry(definition.policy),
    })
    const lines = explanation.components.map(({ name, verdict, bump, reason, findings }) =>
      [
        `${visibleLine(name)}: ${verdict}${bump === 'none' ? '' : ` (${bump})`}, ${visibleLine(reason)}`,
        findingsText(findings),
      ]
        .filter((part) => part !== '')
        .join('\n'),
    )
    return presentation(explanation, lines.join('\n'))
  },
})
