import {
  WaybillError,
  createGit,
  type Component,
  type Context,
  type Destinations,
  type Release,
} from '@waybill/core'
import { tagOf } from '@waybill/gate'
import { status } from '@waybill/publish'
import { defineCommand, type CallOf, type CommandModule } from '../command.ts'
import { commitName } from '../publish-values.ts'
import { registryAccess, registryOptions, yankedOption, type RegistryValues } from '../options.ts'
import { repeated } from '../parse-call.ts'
import {
  readDefinition,
  type Definition,
  componentEntry,
  componentsOf,
  givenDestinations,
  imageDestinations,
  definedPage,
} from '@waybill/release'

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
    yankedOption(command)
    registryOptions(command)
  },
  async run(context, call) {
    const { commit, tagPrefix } = call.options
    const { to, release = {}, yanked = [] } = await placesOf(context, call)
    return status(
      { version: call.args[0]!, ...(commit === undefined ? {} : { commit }), ...release },
      { ...context, to, tagPrefix, yanked: [...yanked, ...(call.options.yanked ?? [])] },
    )
  },
})

interface Looked {
  readonly to: Destinations
  /** Tag and commit, where a release page is looked at. */
  readonly release?: Release
  /** Versions that the definition says do not count. */
  readonly yanked?: readonly string[]
}

async function placesOf(context: Context, call: CallOf<StatusValues>): Promise<Looked> {
  const { options } = call
  const access = registryAccess(context, options)
  if ((options.to ?? []).length > 0) {
    if (options.component !== undefined) throw besideTo()
    return { to: givenDestinations(options.to!, [], access) }
  }
  const { definition } = await readDefinition({
    ...context,
    config: options.config,
    allowCode: options.allowCode,
  })
  if (options.component !== undefined) componentEntry(definition, options.component)
  const components = componentsOf(definition).filter(
    ({ name }) => options.component === undefined || name === options.component,
  )
  const images = components.flatMap((component) =>
    (definition.components[component.name]!.images ?? []).map((image) => ({ component, image })),
  )
  const [only] = images
  if (images.length === 1) {
    const to = imageDestinations(definition, only!.image, access)
    const page = await pageOf(definition, only!.component, { access, call })
    const { yanked = [] } = definition.components[only!.component.name]!
    return page === undefined ? { to, yanked } : { ...page, yanked, to: { ...to, ...page.to } }
  }
  const whose = options.component === undefined ? 'the definition' : options.component
  throw usage(
    `expected one image to look for, ${whose} has ${images.length}`,
    'Name the component with --component, or the repositories with --to.',
  )
}

const besideTo = (): WaybillError =>
  usage(
    '--component chooses an image of the definition, --to says where to look',
    'Give one of them.',
  )

const usage = (message: string, hint: string): WaybillError =>
  new WaybillError('ERR_USAGE', `waybill status: ${message}`, { outcome: 'usage', hint })

interface PageCall {
  readonly access: Context & RegistryValues
  readonly call: CallOf<StatusValues>
}

// What a page should hold is known by its tag's commit; without one there is nothing to compare it with.
async function pageOf(
  definition: Definition,
  component: Component,
  { access, call }: PageCall,
): Promise<Looked | undefined> {
  const { release: entry } = definition.components[component.name]!
  if (entry === undefined) return undefined
  const version = call.args[0]!
  const tag = tagOf(component, version)
  const commit = call.options.commit ?? (await commitOf(tag, access))
  if (commit === undefined) return undefined
  const { name, path } = component
  const release = { component: name, path, version, tag, commit, created: 0 }
  const page = await definedPage({ definition, entry }, { release, files: [], notes: '' }, access)
  return { to: { page }, release }
}

async function commitOf(tag: string, context: Context): Promise<string | undefined> {
  const args = ['rev-parse', '--verify', '--quiet', `refs/tags/${tag}^{commit}`]
  const { exitCode, stdout } = await createGit(context).run(args, { okCodes: [0, 1, 128] })
  return exitCode === 0 ? new TextDecoder().decode(stdout).trim() : undefined
}
