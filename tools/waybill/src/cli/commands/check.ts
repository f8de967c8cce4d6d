import { relative } from 'node:path'
import { createReport } from '@waybill/core'
import { defineCommand, type CommandModule } from '../command.ts'
import { readDefinition, checkFiles, checkTools } from '@waybill/release'

interface CheckValues {
  readonly tools?: boolean
}

export const command: CommandModule = defineCommand<CheckValues>({
  configure: (command) => {
    command.option(
      '--tools',
      'ask the tools in the repository too, as a build would (runs what the repository holds)',
    )
  },
  async run(context, { options }) {
    const inRepository = options.tools === true
    const { definition, file } = await readDefinition({
      ...context,
      config: options.config,
      allowCode: inRepository || options.allowCode,
    })
    const { checked, findings } = await checkTools(definition, { ...context, inRepository })
    return createReport(
      [
        { definition: relative(context.cwd, file), components: Object.keys(definition.components) },
        ...checked,
      ],
      [...(await checkFiles(definition, context.cwd)), ...findings],
    )
  },
})
