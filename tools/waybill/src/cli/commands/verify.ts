import { resolve } from 'node:path'
import { type BaseImage } from '@waybill/oci'
import { checkIdentity, findArtifacts } from '@waybill/image'
import { defineCommand, type CommandModule } from '../command.ts'
import { withBase, withContent } from '../open-image.ts'
import { registryAccess, registryOptions, type RegistryValues } from '../options.ts'
import { runsOptions, type RunsValues } from '../runs-options.ts'

interface VerifyValues extends RegistryValues, RunsValues {
  readonly artifacts: string
  readonly path?: string
  readonly base?: string
}

export const command: CommandModule = defineCommand<VerifyValues>({
  configure: (command) => {
    command
      .argument(
        '<image>',
        'a folder with an OCI layout, a docker archive (- reads one), or a reference',
      )
      .requiredOption('--artifacts <dir>', 'the released files: a folder or its SHA256SUMS')
      .option(
        '--path <path>',
        'where the binary is in the image (default: the program that its entrypoint runs)',
      )
      .option('--base <reference>', 'the base it must stand upon, layer by layer')
    runsOptions(command)
    registryOptions(command)
  },
  async run(context, { args, options }) {
    const { artifacts, folder } = await findArtifacts(resolve(context.cwd, options.artifacts))
    const access = registryAccess(context, options)
    const { path, through, strict } = options
    const check = (base?: BaseImage): Promise<unknown> =>
      withContent(args[0]!, access, (content) =>
        checkIdentity(content, artifacts, { ...context, out: folder, path, through, strict, base }),
      )
    return options.base === undefined ? check() : withBase(options.base, access, check)
  },
})
