import { WaybillError } from '@waybill/core'
import { loadContent } from '@waybill/oci'
import { defineCommand, type CommandModule } from '../command.ts'
import { openImage } from '../base-reference.ts'
import { registryOptions } from '../options.ts'
import { checkPublishOptions, publishImage } from '../publish-image.ts'
import { publishOptions, type PublishValues } from '../publish-values.ts'

export const command: CommandModule = defineCommand<PublishValues>({
  configure: (command) => {
    command.argument('<image>', 'a folder with an OCI layout, or a reference')
    publishOptions(command)
    registryOptions(command)
  },
  async run(context, { args, options }) {
    if ((options.to ?? []).length === 0) {
      throw new WaybillError('ERR_USAGE', 'waybill publish: --to is missing: where to?', {
        outcome: 'usage',
        hint: 'Name each repository with --to, for example --to ghcr.io/acme/hello.',
      })
    }
    checkPublishOptions(options)
    const { source, descriptor } = await openImage(args[0]!, {
      ...context,
      ...options,
      out: context.out,
    })
    const content = await loadContent(source, descriptor)
    return (await publishImage({ content }, { context, options })).shown
  },
})
