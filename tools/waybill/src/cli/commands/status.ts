import { WaybillError, type Destinations } from '@waybill/core'
import { status } from '@waybill/publish'
import { defineCommand, type CallOf, type CommandModule } from '../command.ts'
import { commitName } from '../publish-values.ts'
import { registryOptions, type RegistryValues } from '../options.ts'
import { repeated } from '../parse-call.ts'
import { readDefinition } from '../../definition/read.ts'
import type { Context } from '@waybill/core'
import { definedDestinations, givenDestinations } from '../../release/destinations.ts'

interface StatusValues extends RegistryValues {
  readonly to?: readonly string[]
  readonly component?: string
  readonly commit?: string
  readonly tagPrefix?: string
  readonly yanked?: readonly string[]
}

export const command: CommandModule = defineCommand<StatusValues>({
  configure: (command) => {
    command
      .argument('<version>', 'the release to look for')
      .option(
        '--to <repository>',
        'where to look; may be repeated (default: the definition’s registries)',
        repeated,
      )
      .option('--component <name>', 'whose image, where the definition has several')
      .option('--commit <sha>', 'the released commit, for its sha- tag', commitName)
      .option('--tag-prefix <prefix>', 'what stands before every tag')
      .option(
        '--yanked <version>',
        'a version that does not count as highest; may be repeated',
        repeated,
      )
    registryOptions(command)
  },
  async run(context, call) {
    const { commit, tagPrefix, yanked } = call.options
    const to = await placesOf(context, call)
    return status(
      { version: call.args[0]!, ...(commit === undefined ? {} : { commit }) },
      { ...context, to, tagPrefix, yanked },
    )
  },
})

async function placesOf(
  context: Context,
  { options }: CallOf<StatusValues>,
): Promise<Destinations> {
  const access = { ...context, ...options, out: context.out }
  if ((options.to ?? []).length > 0) return givenDestinations(options.to!, [], access)
  const { definition } = await readDefinition({ ...context, config: options.config })
  const images = Object.entries(definition.components)
    .filter(([name]) => options.component === undefined || name === options.component)
    .flatMap(([, entry]) => entry.images ?? [])
  const { git: _tagsAreNotImages, ...registries } = definition
  if (images.length === 1) return definedDestinations(registries, images[0]!, access)
  throw new WaybillError(
    'ERR_USAGE',
    `waybill status: expected one image to look for, the definition has ${images.length}`,
    {
      outcome: 'usage',
      hint: 'Name the component with --component, or the repositories with --to.',
    },
  )
}
