import type { Component } from '@waybill/core'
import { InvalidArgumentError } from 'commander'
import { simulate, type Simulation } from '@waybill/gate'
import { defineCommand, type CommandModule } from '../command.ts'
import { policyOption } from '../options.ts'
import {
  readDefinitionIfAny,
  type Definition,
  type PolicyEntry,
  componentsOf,
  policyOfEntry,
} from '@waybill/release'
import { findingsText, presentation } from '../../present/present.ts'
import { table } from '../../present/table.ts'

interface SimulateValues {
  readonly policy?: PolicyEntry
  readonly component?: string
  readonly tagFormat?: string
}

export const command: CommandModule = defineCommand<SimulateValues>({
  configure: (command) => {
    command
      .addOption(policyOption())
      .option('--component <name>', 'only this component')
      .option('--tag-format <format>', 'only tags of this format, for example v{version}', asFormat)
  },
  async run(context, { options }) {
    const { config, component, tagFormat, allowCode } = options
    // A history can be replayed without one: the tags say what was released.
    const definition = await readDefinitionIfAny({ ...context, config, allowCode })
    const policy = policyOfEntry(options.policy ?? definition?.policy)
    const components = tagFormat === undefined ? knownComponents(definition) : undefined
    const simulation = await simulate({ ...context, policy, component, tagFormat, components })
    return presentation(simulation, simulationText(simulation))
  },
})

function asFormat(text: string): string {
  if (text.includes('{version}')) return text
  throw new InvalidArgumentError(`Expected a tag with {version} in it, found "${text}".`)
}

const knownComponents = (definition: Definition | undefined): Component[] | undefined =>
  definition === undefined ? undefined : componentsOf(definition)

function simulationText({ releases, totals, findings }: Simulation): string {
  const differing = releases.filter(({ cause }) => cause !== null)
  const rows = differing.map(({ tag, predicted, decided, cause }) => [
    tag,
    `${predicted}${decided ? '' : ', no release'}`,
    cause ?? '',
  ])
  const counts = `${totals.releases} releases: ${totals.exact} exact, ${totals.versionsEqual} versions equal, ${totals.decisionsEqual} decisions equal; ${totals.commits} commits, ${totals.dropped} dropped`
  return [table(rows), findingsText(findings), counts].filter((part) => part !== '').join('\n')
}
