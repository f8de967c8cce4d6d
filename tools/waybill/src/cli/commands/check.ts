import { relative } from 'node:path'
import { createReport } from '@waybill/core'
import { defineCommand, type CommandModule } from '../command.ts'
import { readDefinition } from '../../definition/read.ts'
import { checkFiles } from '../../release/check-files.ts'
import { checkTools } from '../../release/check-tools.ts'

export const command: CommandModule = defineCommand<object>({
  configure: () => {},
  async run(context, { options }) {
    const { definition, file } = await readDefinition({ ...context, config: options.config })
    const { checked, findings } = await checkTools(definition, context)
    return createReport(
      [
        { definition: relative(context.cwd, file), components: Object.keys(definition.components) },
        ...checked,
      ],
      [...checkFiles(definition, context.cwd), ...findings],
    )
  },
})
