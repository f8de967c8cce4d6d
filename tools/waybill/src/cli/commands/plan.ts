import { defineCommand, type CommandModule } from '../command.ts'
import { readDefinition } from '../../definition/read.ts'
import { exitOf } from '../../present/decisions.ts'
import { decisionText, presentation } from '../../present/present.ts'
import { table } from '../../present/table.ts'
import { decideAll } from '../../release/decide.ts'
import { planRelease } from '../../release/plan.ts'

export const command: CommandModule = defineCommand<{ readonly component?: string }>({
  configure: (command) => {
    command.option('--component <name>', 'only this component')
  },
  async run(context, { options }) {
    const { definition } = await readDefinition({ ...context, config: options.config })
    const decisions = await decideAll(definition, { ...context, component: options.component })
    const plan = planRelease(decisions, definition)
    const cells = plan.matrix.map((cell) => [
      `  ${cell.id}`,
      cell.toolchain,
      cell.platform,
      cell.required ? 'required' : 'optional',
    ])
    const text = [
      ...decisions.map(decisionText),
      ...(cells.length === 0 ? [] : [`builds:\n${table(cells)}`]),
    ].join('\n\n')
    return presentation(plan, text, exitOf(decisions))
  },
})
