import { resolve } from 'node:path'
import { checkIdentity, findArtifacts, loadContent } from '@waybill/oci'
import { defineCommand, type CommandModule } from '../command.ts'
import { openImage } from '../base-reference.ts'
import { registryOptions, type RegistryValues } from '../options.ts'

interface VerifyValues extends RegistryValues {
  readonly artifacts: string
  readonly path?: string
}

export const command: CommandModule = defineCommand<VerifyValues>({
  configure: (command) => {
    command
      .argument('<image>', 'a folder with an OCI layout, or a reference')
      .requiredOption('--artifacts <dir>', 'the released files: a folder or its SHA256SUMS')
      .option(
        '--path <path>',
        'where the binary stands in the image (default: the entrypoint’s first word)',
      )
    registryOptions(command)
  },
  async run(context, { args, options }) {
    const { source, descriptor } = await openImage(args[0]!, {
      ...context,
      ...options,
      out: context.out,
    })
    const found = await findArtifacts(resolve(context.cwd, options.artifacts))
    const content = await loadContent(source, descriptor)
    const { path } = options
    return checkIdentity(content, found.artifacts, {
      ...context,
      out: found.folder,
      ...(path === undefined ? {} : { path }),
    })
  },
})
