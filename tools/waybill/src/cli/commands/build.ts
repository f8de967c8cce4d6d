import { WaybillError, suggest, type ReleasePlan } from '@waybill/core'
import { defineCommand, type CommandModule } from '../command.ts'
import { repeated } from '../parse-call.ts'
import { versionOptions, versionValues } from '../version-values.ts'
import {
  readDefinition,
  buildPlan,
  joinPlan,
  buildOf,
  type CellBuild,
  assertBinaryVersions,
  assertVersions,
  decideReleases,
  planRelease,
  type VersionValues,
} from '@waybill/release'
import { exitOf, presentDecisions } from '../../present/decisions.ts'
import { presentation } from '../../present/present.ts'
import { table } from '../../present/table.ts'
import { bytes, short } from '../../present/units.ts'
import { EXIT } from '../../exit-code.ts'

interface BuildValues extends VersionValues {
  readonly component?: string
  readonly platform?: readonly string[]
  readonly cell?: string
  readonly join?: string
  readonly fresh?: boolean
}

export const command: CommandModule = defineCommand<BuildValues>({
  configure: (command) => {
    command
      .option('--component <name>', 'only this component')
      .option('--platform <os/arch>', 'only this platform; may be repeated', repeated)
      .option('--cell <id>', 'only this cell of the plan’s matrix')
      .option('--join <dir>', 'collect what the cells built, a folder each in this one')
      .option('--fresh', 'take nothing from any cache, of the compilers’ own neither')
      .option('--out <dir>', 'where binaries are written (default: dist)')
    versionOptions(command)
  },
  async run(context, { options }) {
    const { component, config, join } = options
    const { definition } = await readDefinition({ ...context, config, allowCode: true })
    const { decisions } = await decideReleases(definition, {
      ...context,
      ...versionValues(options),
      component,
    })
    if (exitOf(decisions) !== EXIT.done) return presentDecisions(decisions)
    const plan = planRelease(decisions, definition)
    const only = chosen(options, plan)
    await assertVersions(definition, plan.releases, context)
    const artifacts =
      join === undefined
        ? await buildPlan(definition, plan, { ...context, only, fresh: options.fresh })
        : await joinPlan(join, plan, { ...context, definition })
    for (const release of plan.releases)
      await assertBinaryVersions(definition, release, { ...context, artifacts })
    const rows = artifacts.map(({ path, platform, size, digest }) => [
      path,
      platform ?? '',
      bytes(size),
      short(digest),
    ])
    return presentation({ schemaVersion: 1, releases: plan.releases, artifacts }, table(rows))
  },
})

function chosen({ cell, join, platform }: BuildValues, plan: ReleasePlan): CellBuild {
  const given = Object.entries({ cell, join, platform }).filter(([, value]) => value !== undefined)
  if (given.length > 1)
    throw usage(
      `${given.map(([name]) => `--${name}`).join(' and ')} contradict each other: give one`,
    )
  if (cell !== undefined) return buildOf(cell, plan)
  const known = [...new Set(plan.matrix.map((each) => each.platform))]
  const unknown = platform?.find((each) => !known.includes(each))
  if (unknown === undefined) return { platforms: platform }
  throw usage(`no due component builds for ${unknown}; ${suggest(unknown, known)}`)
}

const usage = (message: string): WaybillError =>
  new WaybillError('ERR_USAGE', `waybill build: ${message}`, {
    outcome: 'usage',
    hint: 'See `waybill build --help`.',
  })
