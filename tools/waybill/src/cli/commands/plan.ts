import { Option } from 'commander'
import type { Decision, ReleasePlan } from '@waybill/core'
import { defineCommand, type CommandModule } from '../command.ts'
import { readDefinition } from '../../definition/read.ts'
import { exitOf } from '../../present/decisions.ts'
import { decisionText, presentation } from '../../present/present.ts'
import { table } from '../../present/table.ts'
import { decideAll } from '../../release/decide.ts'
import { ENGINES, engineMatrix, type Engine } from '../../release/engine-matrix.ts'
import { planRelease } from '../../release/plan.ts'

interface PlanValues {
  readonly component?: string
  readonly matrix?: Engine
}

export const command: CommandModule = defineCommand<PlanValues>({
  configure: (command) => {
    command
      .option('--component <name>', 'only this component')
      .addOption(
        new Option(
          '--matrix <engine>',
          'print the build matrix alone, as JSON that this engine takes',
        ).choices(ENGINES),
      )
  },
  async run(context, { options }) {
    const { definition } = await readDefinition({ ...context, config: options.config })
    const decisions = await decideAll(definition, { ...context, component: options.component })
    const plan = planRelease(decisions, definition)
    const exit = exitOf(decisions)
    if (options.matrix === undefined) return presentation(plan, planText(decisions, plan), exit)
    const matrix = engineMatrix(plan.matrix, options.matrix)
    return presentation(matrix, JSON.stringify(matrix), exit)
  },
})

function planText(decisions: readonly Decision[], plan: ReleasePlan): string {
  const cells = plan.matrix.map((cell) => [
    `  ${cell.id}`,
    cell.toolchain,
    cell.platform,
    cell.required ? 'required' : 'optional',
  ])
  return [
    ...decisions.map(decisionText),
    ...(cells.length === 0 ? [] : [`builds:\n${table(cells)}`]),
  ].join('\n\n')
}
