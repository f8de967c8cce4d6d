import { WaybillError } from '@waybill/core'
import { defineCommand, type CommandModule } from '../command.ts'
import { withContent } from '../open-image.ts'
import { registryAccess, registryOptions } from '../options.ts'
import { checkPublishOptions } from '../publish-checks.ts'
import { publishImage } from '../publish-image.ts'
import { publishOptions, type PublishValues } from '../publish-values.ts'

export const command: CommandModule = defineCommand<PublishValues>({
  configure: (command) => {
    command
      .argument(
        '[image]',
        'a folder with an OCI layout, a docker archive (- reads one), or a reference',
      )
      .option(
        '--plan <file>',
        'publish exactly this plan, as --dry-run --json printed it (default image: dist)',
      )
    publishOptions(command)
    registryOptions(command)
  },
  async run(context, { args: [image], options }) {
    checkPublishOptions(options)
    const call = { context, options }
    if (options.plan !== undefined) {
      const { publishPlan } = await import('../publish-plan.ts')
      return (await publishPlan(image, options.plan, call)).shown
    }
    if (image === undefined) throw noImage()
    const access = registryAccess(context, options)
    const published = await withContent(image, access, (content) => publishImage({ content }, call))
    return published.shown
  },
})

const noImage = (): WaybillError =>
  new WaybillError('ERR_USAGE', 'waybill publish: which image?', {
    outcome: 'usage',
    hint: 'Name a layout, a docker archive or a reference, or a plan with --plan FILE.',
  })
