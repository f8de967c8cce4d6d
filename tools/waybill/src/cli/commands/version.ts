import type { Decision } from '@waybill/core'
import { applyVersions, planVersions, type VersionPlan } from '@waybill/version'
import { defineCommand, type CommandModule } from '../command.ts'
import {
  readOrFindDefinition,
  componentEntry,
  decideAll,
  versionOptions as planOptions,
  type VersionValues,
} from '@waybill/release'
import { exitOf, presentDecisions } from '../../present/decisions.ts'
import { findingsText, presentation } from '../../present/present.ts'
import { table } from '../../present/table.ts'
import { EXIT } from '../../exit-code.ts'
import { versionOptions } from '../version-values.ts'

interface VersionCommandValues extends VersionValues {
  readonly apply?: boolean
  readonly component?: string
}

export const command: CommandModule = defineCommand<VersionCommandValues>({
  configure: (command) => {
    command
      .option('--component <name>', 'only this component, and what follows from it')
      .option('--apply', 'edit the files: all of them or none')
      .option('--dry-run', 'print what --apply would do')
    versionOptions(command)
  },
  async run(context, { options }) {
    const definition = await readOrFindDefinition({
      ...context,
      config: options.config,
      allowCode: options.allowCode,
    })
    if (options.component !== undefined) componentEntry(definition, options.component)
    const all = await decideAll(definition, context)
    const decisions = options.component === undefined ? all : only(options.component, all)
    if (exitOf(decisions) === EXIT.failed) return presentDecisions(decisions)
    const plan = await planVersions(decisions, {
      ...context,
      ...planOptions(definition, options),
    })
    const applied = options.apply === true && options.dryRun !== true
    if (applied) await applyVersions(plan, context)
    return presentation(plan, planText(plan, applied), exitOfPlan(plan))
  },
})

// The others stay, since they may need it or share its version.
function only(component: string, decisions: readonly Decision[]): Decision[] {
  return decisions.map((decision) => {
    const { component: own, last, commits } = decision
    if (own.name === component) return decision
    return { component: own, last, commits, bump: 'none', findings: [], status: 'not-due' }
  })
}

function exitOfPlan({ releases, findings }: VersionPlan): number {
  if (findings.some(({ level }) => level === 'error')) return EXIT.failed
  return releases.length === 0 ? EXIT.nothing : EXIT.done
}

function planText({ releases, files, findings }: VersionPlan, applied: boolean): string {
  if (releases.length === 0)
    return [findingsText(findings), 'nothing to release'].filter((part) => part !== '').join('\n')
  const steps = releases.flatMap(({ component, from, to, bump, reasons }) => [
    [component, `${from ?? 'new'} -> ${to}`, bump],
    ...reasons.map(({ reason }) => ['', reason, '']),
  ])
  const edited = files.map(({ path, action }) => [`  ${path}`, applied ? 'written' : action])
  return [table(steps), table(edited), findingsText(findings)]
    .filter((part) => part !== '')
    .join('\n')
}
