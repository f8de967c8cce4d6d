import { WaybillError } from '@waybill/core'
import { drift } from '@waybill/image'
import { defineCommand, type CommandModule } from '../command.ts'
import { withContent } from '../open-image.ts'
import { registryAccess, registryOptions, type RegistryValues } from '../options.ts'
import { repeated } from '../parse-call.ts'

interface DriftValues extends RegistryValues {
  readonly ignore?: readonly string[]
}

export const command: CommandModule = defineCommand<DriftValues>({
  configure: (command) => {
    command
      .argument('<a>', 'an OCI layout, a docker archive (- reads one) or a reference')
      .argument('<b>', 'what it is compared with')
      .option(
        '--ignore <what>',
        'what may differ: a path (/var/cache/**) or a member (config.Labels.*); may be repeated',
        repeated,
      )
    registryOptions(command)
  },
  run(context, { args, options }) {
    const [first, second] = [args[0]!, args[1]!]
    if (first === '-' && second === '-') throw onlyOne()
    const access = registryAccess(context, options)
    return withContent(first, access, (a) =>
      withContent(second, access, (b) => drift(a, b, { ...context, ignore: options.ignore })),
    )
  },
})

const onlyOne = (): WaybillError =>
  new WaybillError('ERR_USAGE', 'waybill drift: standard input is one image, not two', {
    outcome: 'usage',
  })
