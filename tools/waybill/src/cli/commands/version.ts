import { applyVersions, planVersions, type VersionPlan } from '@waybill/version'
import { defineCommand, type CommandModule } from '../command.ts'
import { readDefinition } from '../../definition/read.ts'
import { exitOf, presentDecisions } from '../../present/decisions.ts'
import { findingsText, presentation } from '../../present/present.ts'
import { table } from '../../present/table.ts'
import { EXIT } from '../../run/exit-code.ts'
import { decideAll } from '../../release/decide.ts'

export const command: CommandModule = defineCommand<{
  readonly apply?: boolean
  readonly component?: string
}>({
  configure: (command) => {
    command
      .option('--component <name>', 'only this component')
      .option('--apply', 'edit the files: all of them or none')
      .option('--dry-run', 'print what --apply would do')
  },
  async run(context, { options }) {
    const { definition } = await readDefinition({ ...context, config: options.config })
    const decisions = await decideAll(definition, { ...context, component: options.component })
    if (exitOf(decisions) === EXIT.failed) return presentDecisions(decisions)
    const versionFiles = Object.fromEntries(
      Object.entries(definition.components).map(([name, entry]) => [name, entry.versionFiles]),
    )
    const plan = await planVersions(decisions, { ...context, versionFiles })
    const applied = options.apply === true && options.dryRun !== true
    if (applied) await applyVersions(plan, context)
    return presentation(plan, planText(plan, applied), exitOfPlan(plan))
  },
})

function exitOfPlan({ releases, findings }: VersionPlan): number {
  if (findings.some(({ level }) => level === 'error')) return EXIT.failed
  return releases.length === 0 ? EXIT.nothing : EXIT.done
}

function planText({ releases, files, findings }: VersionPlan, applied: boolean): string {
  if (releases.length === 0) return 'nothing to release'
  const steps = releases.flatMap(({ component, from, to, bump, reasons }) => [
    [component, `${from ?? 'new'} -> ${to}`, bump],
    ...reasons.map(({ reason }) => ['', reason, '']),
  ])
  const edited = files.map(({ path, action }) => [`  ${path}`, applied ? 'written' : action])
  return [table(steps), table(edited), findingsText(findings)]
    .filter((part) => part !== '')
    .join('\n')
}
