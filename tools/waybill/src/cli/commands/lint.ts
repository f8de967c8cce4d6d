import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { lintTitle } from '@waybill/gate'
import { defineCommand, type CommandModule } from '../command.ts'

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
  async run({ cwd }, { options }) {
    const body =
      options.bodyFile === undefined ? '' : await readFile(resolve(cwd, options.bodyFile), 'utf8')
    return lintTitle(options.title, body)
  },
})
