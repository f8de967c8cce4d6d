import { defineCommand, type CommandModule } from '../command.ts'
import {
  readDefinition,
  archiveComponent,
  assertUntracked,
  assertFiles,
  assertOwnDist,
  mergeArtifacts,
  readDist,
  writeDist,
  assertOwnFolders,
} from '@waybill/release'
import { presentation } from '../../present/present.ts'
import { table } from '../../present/table.ts'
import { bytes, short } from '../../present/units.ts'
export const command: CommandModule = defineCommand<object>({
  configure: (command) => {
    command.option('--out <dir>', 'where `waybill build` wrote (default: dist)')
  },
  async run(context, { options }) {
    const { definition } = await readDefinition({
      ...context,
      config: options.config,
      allowCode: options.allowCode,
    })
    await assertOwnFolders(context)
    await assertUntracked({ ...context, definition })
    const dist = await readDist(context.out)
    await assertOwnDist(dist, definition, context)
    const made = await Promise.all(
      dist.releases.map((release) =>
        archiveComponent(definition, release, dist.artifacts, context),
      ),
    )
    const artifacts = made.flat()
    const paths = new Set(artifacts.map(({ path }) => path))
    const others = dist.artifacts.filter(({ path }) => !paths.has(path))
    await assertFiles(context.out, others)
    const all = mergeArtifacts(others, artifacts)
    await writeDist(context.out, { ...dist, artifacts: all }, context)
    const rows = artifacts.map(({ path, size, digest }) => [path, bytes(size), short(digest)])
    return presentation({ schemaVersion: 1, artifacts }, table(rows))
  },
})
