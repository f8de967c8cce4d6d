import { relative } from 'node:path'
import type { PublishPlan } from '@waybill/core'
import { defineCommand, type CommandModule } from '../command.ts'
import { debianOf, debianOptions, type DebianValues } from '../debian-options.ts'
import { registryOptions, type RegistryValues } from '../options.ts'
import { repeated } from '../parse-call.ts'
import { confirm } from '../confirm.ts'
import { planSummary, planText } from '../../present/plan-summary.ts'
import { presentDecisions } from '../../present/decisions.ts'
import { presentation } from '../../present/present.ts'
import { releaseText } from '../../present/release-report.ts'
import { publishedOf } from '@waybill/release'
import { rehearse } from '../../rehearse.ts'

interface RehearseValues extends RegistryValues, DebianValues {
  readonly to?: readonly string[]
  readonly state?: string
  readonly reset?: boolean
  readonly static?: boolean
  readonly fresh?: boolean
}

export const command: CommandModule = defineCommand<RehearseValues>({
  configure: (command) => {
    command
      .option(
        '--to <repository>',
        'a real repository in place of a registry on loopback; may be repeated',
        repeated,
      )
      .option('--state <dir>', 'where everything is kept (default: .waybill/rehearse)')
      .option('--reset', 'forget what earlier rehearsals published')
      .option('--fresh', 'take nothing from any cache: compile and assemble from nothing')
      .option('--static', 'static binaries on the static base')
      .option('--dry-run', 'build and prove, print the plans, publish nothing')
      .option('--yes', 'do not ask before publishing to real repositories')
    debianOptions(command)
    registryOptions(command)
  },
  async run(context, { options }) {
    const { to, dryRun, yes, json } = options
    const isOutside = (to ?? []).length > 0
    const allow = (plan: PublishPlan): Promise<void> =>
      confirm(planText(plan), { yes: !isOutside || yes === true || json === true })
    const rehearsal = await rehearse({
      ...options,
      ...debianOf(options, context.cwd),
      ...context,
      dryRun,
      confirm: allow,
    })
    const { decisions, components, receipt, state, stages } = rehearsal
    if (dryRun === true && components.length > 0) {
      const { json: document, text } = planSummary(
        components.flatMap(publishedOf).map(({ plan }) => plan),
      )
      return presentation(document, text)
    }
    if (receipt === undefined) return presentDecisions(decisions)
    const where = relative(process.cwd(), state.folder) || '.'
    const files = `receipt  ${where}/receipt.json\nreport   ${where}/report.html`
    return presentation(receipt, `${releaseText({ components, stages })}\n\n${files}`)
  },
})
