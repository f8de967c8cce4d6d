import { WaybillError, suggest, type Release } from '@waybill/core'
import { defineCommand, type CommandModule } from '../command.ts'
import { repeated } from '../parse-call.ts'
import { readDefinition } from '../../definition/read.ts'
import { exitOf, presentDecisions } from '../../present/decisions.ts'
import { presentation } from '../../present/present.ts'
import { table } from '../../present/table.ts'
import { bytes, short } from '../../present/units.ts'
import { EXIT } from '../../run/exit-code.ts'
import { buildComponent } from '../../release/build.ts'
import { decideAll } from '../../release/decide.ts'
import { mergeArtifacts, readDist, writeDist } from '../../release/dist.ts'
import { planRelease } from '../../release/plan.ts'
import { buildOf } from '../../release/cell.ts'

interface BuildValues {
  readonly component?: string
  readonly platform?: readonly string[]
  readonly cell?: string
}

export const command: CommandModule = defineCommand<BuildValues>({
  configure: (command) => {
    command
      .option('--component <name>', 'only this component')
      .option('--platform <os/arch>', 'only this platform; may be repeated', repeated)
      .option('--cell <id>', 'only this cell of the plan’s matrix')
      .option('--out <dir>', 'where binaries are written (default: dist)')
  },
  async run(context, { options }) {
    const { definition } = await readDefinition({ ...context, config: options.config })
    const decisions = await decideAll(definition, { ...context, component: options.component })
    if (exitOf(decisions) !== EXIT.done) return presentDecisions(decisions)
    const plan = planRelease(decisions, definition)
    const only =
      options.cell === undefined
        ? { platforms: options.platform }
        : buildOf(options.cell, plan, definition)
    const known = [...new Set(plan.matrix.map(({ platform }) => platform))]
    for (const platform of only.platforms ?? [])
      if (!known.includes(platform)) throw unknownPlatform(platform, known)
    const releases = plan.releases.filter(
      ({ component }) => only.component === undefined || component === only.component,
    )
    const artifacts = (
      await Promise.all(
        releases.map((release: Release) =>
          buildComponent(definition, release, { ...context, ...only }),
        ),
      )
    ).flat()
    const before = await readDist(context.out).catch(() => undefined)
    const same =
      before?.releases.some(({ commit }) => commit === releases[0]?.commit) === true
        ? before.artifacts
        : []
    await writeDist(context.out, {
      schemaVersion: 1,
      releases: plan.releases,
      artifacts: mergeArtifacts(same, artifacts),
    })
    const rows = artifacts.map(({ path, platform, size, digest }) => [
      path,
      platform ?? '',
      bytes(size),
      short(digest),
    ])
    return presentation({ schemaVersion: 1, releases, artifacts }, table(rows))
  },
})

function unknownPlatform(platform: string, known: readonly string[]): WaybillError {
  return new WaybillError(
    'ERR_USAGE',
    `No due component builds for ${platform}; ${suggest(platform, known)}`,
    { outcome: 'usage' },
  )
}
