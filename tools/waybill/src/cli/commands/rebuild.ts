import { posix, relative, resolve } from 'node:path'
import { WaybillError, suggest } from '@waybill/core'
import { rebuild } from '@waybill/compile'
import { defineCommand, type CommandModule } from '../command.ts'
import {
  readDefinition,
  componentEntry,
  readDist,
  assertOwnFolders,
  toolchainOf,
} from '@waybill/release'
export const command: CommandModule = defineCommand<object>({
  configure: (command) => {
    command
      .argument(
        '<artifact>',
        'a binary that `waybill build` made: its path, or its path below the output folder',
      )
      .option('--out <dir>', 'where `waybill build` wrote (default: dist)')
  },
  async run(context, { args, options }) {
    const { definition } = await readDefinition({
      ...context,
      config: options.config,
      allowCode: true,
    })
    await assertOwnFolders(context)
    const { releases, artifacts } = await readDist(context.out)
    const binaries = artifacts.filter(({ kind }) => kind === 'binary')
    const named = posix.normalize(args[0]!)
    const inOut = relative(context.out, resolve(context.cwd, named))
    const artifact = binaries.find(({ path }) => path === named || path === inOut)
    if (artifact === undefined)
      throw unknownArtifact(
        args[0]!,
        binaries.map(({ path }) => path),
      )
    const release = releases.find(({ component }) => component === artifact.component)
    const builds = componentEntry(definition, artifact.component ?? '').builds ?? []
    const build = builds.find(
      ({ binary, platforms }) =>
        artifact.name.startsWith(binary) && platforms.includes(artifact.platform ?? ''),
    )
    if (release === undefined || build === undefined) throw unknownArtifact(args[0]!, [])
    return rebuild(artifact, { ...context, release, toolchain: toolchainOf(build) })
  },
})

function unknownArtifact(name: string, known: readonly string[]): WaybillError {
  return new WaybillError(
    'ERR_UNKNOWN_ARTIFACT',
    `There is no binary "${name}" among what was built; ${suggest(name, known)}`,
    {
      outcome: 'usage',
      hint: 'Run `waybill build` first; the paths stand in waybill.json of the output folder.',
    },
  )
}
