import { drift, loadContent } from '@waybill/oci'
import type { Content } from '@waybill/core'
import { openImage, type ImageAccess } from '../base-reference.ts'
import { defineCommand, type CommandModule } from '../command.ts'
import { registryOptions, type RegistryValues } from '../options.ts'

export const command: CommandModule = defineCommand<RegistryValues>({
  configure: (command) => {
    command
      .argument('<a>', 'an OCI layout or a reference')
      .argument('<b>', 'what it is compared with')
    registryOptions(command)
  },
  async run(context, { args, options }) {
    const access = { ...context, ...options, out: context.out }
    const [a, b] = await Promise.all(args.map((image) => contentOf(image, access)))
    return drift(a!, b!, context)
  },
})

async function contentOf(image: string, access: ImageAccess): Promise<Content> {
  const { source, descriptor } = await openImage(image, access)
  return loadContent(source, descriptor)
}
