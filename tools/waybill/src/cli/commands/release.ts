import type { PublishPlan } from '@waybill/core'
import { defineCommand, type CommandModule } from '../command.ts'
import { confirm } from '../confirm.ts'
import { registryOptions, type RegistryValues } from '../options.ts'
import { strictOption, type StrictValues } from '../runs-options.ts'
import { versionOptions } from '../version-values.ts'
import { presentDecisions } from '../../present/decisions.ts'
import { presentation } from '../../present/present.ts'
import { releaseText } from '../../present/release-report.ts'
import { planSummary, planText } from '../../present/plan-summary.ts'
import { publishedOf, releaseAll, type VersionValues, joinReceipts } from '@waybill/release'

interface ReleaseValues extends RegistryValues, VersionValues, StrictValues {
  readonly component?: string
  readonly join?: string
  readonly journal?: string
  readonly fresh?: boolean
}

export const command: CommandModule = defineCommand<ReleaseValues>({
  configure: (command) => {
    command
      .option('--component <name>', 'only this component')
      .option(
        '--join <dir>',
        'compile nothing: collect what the cells built, a folder each in this one',
      )
      .option('--out <dir>', 'where builds are written (default: dist)')
      .option('--journal <dir>', 'where the journal is kept (default: .waybill/journal)')
      .option(
        '--dry-run',
        'build and prove, print the plans and their digests, write nothing outside',
      )
      .option('--fresh', 'take nothing from any cache: compile and assemble from nothing')
      .option('--yes', 'do not ask')
    strictOption(command)
    versionOptions(command)
    registryOptions(command)
  },
  async run(context, { options }) {
    const { dryRun, yes, json } = options
    const allow = (plan: PublishPlan): Promise<void> =>
      confirm(planText(plan), { yes: yes === true || json === true })
    const { decisions, components, stages } = await releaseAll({
      ...options,
      ...context,
      parts: options.join,
      dryRun,
      confirm: allow,
    })
    if (components.length === 0) return presentDecisions(decisions)
    if (dryRun === true) {
      const plans = components.flatMap(publishedOf).map(({ plan }) => plan)
      const { json: document, text } = planSummary(plans)
      return presentation(document, text)
    }
    const receipt = joinReceipts(components)
    return presentation(
      receipt ?? { schemaVersion: 1, results: [] },
      releaseText({ components, stages }),
    )
  },
})
