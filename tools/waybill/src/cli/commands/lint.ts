import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { lintTitle } from '@waybill/gate'
import { defineCommand, type CommandModule } from '../command.ts'
import { readDefinitionIfAny, componentsOf, conventionalOf } from '@waybill/release'

interface LintValues {
  readonly title: string
  readonly bodyFile?: string
}

export const command: CommandModule = defineCommand<LintValues>({
  configure: (command) => {
    command
      .requiredOption('--title <text>', 'the pull request’s title')
      .option('--body-file <file>', 'a file with its body')
  },
  async run(context, { options: { title, bodyFile, config, allowCode } }) {
    const file = bodyFile === undefined ? undefined : resolve(context.cwd, bodyFile)
    const body = file === undefined ? '' : await readFile(file, 'utf8')
    const definition = await readDefinitionIfAny({ ...context, config, allowCode })
    const policy = conventionalOf(definition?.policy)
    const components = definition === undefined ? {} : { components: componentsOf(definition) }
    return lintTitle(title, body, { policy, ...components })
  },
})
