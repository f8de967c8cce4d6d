import { loadContent } from '@waybill/oci'
import { heal } from '@waybill/publish'
import { resolveImage } from '@waybill/registry'
import { confirm } from '../confirm.ts'
import { defineCommand, type CommandModule } from '../command.ts'
import { registryAccess, registryOptions, yankedOption, type RegistryValues } from '../options.ts'
import { readDefinitionIfAny, yankedAt, givenDestinations } from '@waybill/release'

interface HealValues extends RegistryValues {
  readonly repair?: boolean
  readonly tagPrefix?: string
  readonly yanked?: readonly string[]
}

export const command: CommandModule = defineCommand<HealValues>({
  configure: (command) => {
    command
      .argument('<repositories...>', 'repositories that should hold the same releases')
      .option('--repair', 'move rolling tags that are wrong, and bring versions that are lacking')
      .option('--tag-prefix <prefix>', 'what stands before every tag')
      .option('--dry-run', 'only report, as without --repair')
      .option('--yes', 'do not ask')
    yankedOption(command)
    registryOptions(command)
  },
  async run(context, { args, options }) {
    const { tagPrefix, dryRun, yes, json } = options
    const access = registryAccess(context, options)
    const repair = options.repair === true && dryRun !== true
    const allowCode = repair || options.allowCode
    const definition = await readDefinitionIfAny({ ...context, config: options.config, allowCode })
    const yanked = [...yankedAt(args, definition), ...(options.yanked ?? [])]
    if (repair) await confirm(`Repair ${args.join(', ')}`, { yes: yes === true || json === true })
    return heal(givenDestinations(args, [], access), {
      ...context,
      tagPrefix,
      yanked,
      repair,
      load: async (destination, digest) => {
        const { source, descriptor } = await resolveImage(`${destination.name}@${digest}`, access)
        return loadContent(source, descriptor)
      },
    })
  },
})
