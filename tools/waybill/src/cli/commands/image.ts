import { basename, resolve } from 'node:path'
import { WaybillError, type Context, type Release } from '@waybill/core'
import { assemble, writeLayout, type AssembledImage } from '@waybill/oci'
import { defineCommand, type CallOf, type CommandModule } from '../command.ts'
import { openBase } from '../base-reference.ts'
import { binaryOption, readBinaries } from '../binaries.ts'
import { imageConfigOf, imageConfigOptions, type ImageValues } from '../image-values.ts'
import { registryOptions } from '../options.ts'
import { publishOptions, type PublishValues } from '../publish-values.ts'
import { presentation } from '../../present/present.ts'
import { table } from '../../present/table.ts'
import { bytes, short } from '../../present/units.ts'

interface ImageCommandValues extends ImageValues, PublishValues {
  readonly binary?: Readonly<Record<string, string>>
  readonly base?: string
}

export const command: CommandModule = defineCommand<ImageCommandValues>({
  configure: (command) => {
    command
      .requiredOption(
        '--binary <os/arch=file>',
        'a binary and its platform; may be repeated',
        binaryOption,
      )
      .requiredOption('--base <reference>', 'an image, an OCI layout, or scratch')
      .option('--out <dir>', 'where the OCI layout is written (default: dist)')
    imageConfigOptions(command)
    publishOptions(command)
    registryOptions(command)
  },
  async run(context, call) {
    const { options } = call
    const path = options.path
    if (path === undefined)
      throw usage('--path is missing: where does the binary stand in the image?')
    if (!path.startsWith('/')) throw usage(`--path must be absolute in the image, found "${path}"`)
    const publishing = (options.to ?? []).length > 0
    if (publishing) (await import('../publish-image.ts')).checkPublishOptions(options)
    const image = await assembleImage(context, path, call)
    if (options.out !== undefined || !publishing)
      await writeLayout(image.content, context.out, context)
    if (!publishing) return presentation(imageJson(image), imageText(image))
    const { publishImage } = await import('../publish-image.ts')
    const { shown, receipt } = await publishImage(image, { context, options })
    if (receipt === undefined) return shown
    return presentation({ ...imageJson(image), receipt }, `${imageText(image)}\n${shown.text}`)
  },
})

async function assembleImage(
  context: Context,
  path: string,
  { options }: CallOf<ImageCommandValues>,
): Promise<AssembledImage> {
  const binaries = await readBinaries(options.binary!, context)
  const base = await openBase(options.base!, { ...context, ...options, out: context.out })
  const { label, annotation } = options
  return assemble(releaseOf(path, options), binaries, {
    ...context,
    cache: resolve(context.cwd, '.waybill/cache'),
    base,
    path,
    config: imageConfigOf(options),
    ...(label === undefined ? {} : { labels: label }),
    ...(annotation === undefined ? {} : { annotations: annotation }),
  })
}

// What the command line doesn't say stays out of the image's labels.
function releaseOf(
  path: string,
  { version, commit, created }: ImageCommandValues,
): Pick<Release, 'component' | 'created'> & Partial<Release> {
  return {
    component: basename(path),
    created: created ?? 0,
    ...(version === undefined ? {} : { version }),
    ...(commit === undefined ? {} : { commit }),
  }
}

const usage = (message: string): WaybillError =>
  new WaybillError('ERR_USAGE', `waybill image: ${message}`, {
    outcome: 'usage',
    hint: 'See `waybill image --help`.',
  })

function imageJson({ descriptor, images }: AssembledImage): object {
  const platforms = images.map(({ platform, descriptor: { digest, size }, layers }) => ({
    platform,
    digest,
    size,
    layers,
  }))
  return { schemaVersion: 1, ...descriptor, platforms }
}

function imageText({ descriptor, images }: AssembledImage): string {
  const rows = images.map(({ platform, descriptor: { digest }, layers }) => [
    platform,
    short(digest),
    `${layers.length} layers`,
    bytes(layers.reduce((sum, { size }) => sum + size, 0)),
  ])
  return `${descriptor.digest}\n${table(rows)}`
}
