import { Option } from 'commander'
import type { Decision, ReleasePlan } from '@waybill/core'
import type { VersionPlan, VersionReason } from '@waybill/version'
import { defineCommand, type CommandModule } from '../command.ts'
import {
  readOrFindDefinition,
  decideReleases,
  ENGINES,
  engineMatrix,
  type Engine,
  planRelease,
  type VersionValues,
} from '@waybill/release'
import { exitOf } from '../../present/decisions.ts'
import { decisionText, presentation } from '../../present/present.ts'
import { table } from '../../present/table.ts'
import { versionOptions, versionValues } from '../version-values.ts'

interface PlanValues extends VersionValues {
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
    versionOptions(command)
  },
  async run(context, { options }) {
    const definition = await readOrFindDefinition({
      ...context,
      config: options.config,
      allowCode: options.allowCode,
    })
    const { decisions, versions } = await decideReleases(definition, {
      ...context,
      ...versionValues(options),
      component: options.component,
    })
    const plan = planRelease(decisions, definition)
    const exit = exitOf(decisions)
    const findings = [...new Set(decisions.flatMap((decision) => decision.findings))]
    if (options.matrix === undefined) {
      const json = { ...withReasons(plan, versions), findings }
      return presentation(json, planText(decisions, plan), exit)
    }
    // Whatever runs the engine takes the output whole, so what blocks is said beside it.
    for (const { level, code, message } of findings)
      if (level === 'error') context.logger.error(`${message} [${code}]`)
    const matrix = engineMatrix(plan.matrix, options.matrix)
    return presentation(matrix, JSON.stringify(matrix), exit)
  },
})

// Why each is released is no part of what shall be built.
function withReasons(plan: ReleasePlan, { releases }: VersionPlan): object {
  const reasonsOf = (name: string): readonly VersionReason[] =>
    releases.find(({ component }) => component === name)?.reasons ?? []
  return {
    ...plan,
    releases: plan.releases.map((release) => ({
      ...release,
      reasons: reasonsOf(release.component),
    })),
  }
}

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
