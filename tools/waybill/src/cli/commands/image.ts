import { basename, resolve } from 'node:path'
import { WaybillError, type Context, type Release } from '@waybill/core'
import { assemble, type AssembledImage, type BaseImage, type ReadArtifacts } from '@waybill/oci'
import type { PublishCall } from '../carry-out.ts'
import { defineCommand, type CommandModule } from '../command.ts'
import { withBase } from '../open-image.ts'
import { binaryOption, readBinaries } from '../binaries.ts'
import { imageConfigOf, imageConfigOptions, type ImageValues } from '../image-values.ts'
import { registryOptions } from '../options.ts'
import { readReleased } from '../prove.ts'
import type { ImageAtHand } from '../publish-image.ts'
import { publishOptions, type PublishValues } from '../publish-values.ts'
import { checkOutput, isPiped, writeImage } from '../write-image.ts'
import { presentation, type Presentation } from '../../present/present.ts'
import { table } from '../../present/table.ts'
import { bytes, short } from '../../present/units.ts'

interface ImageCommandValues extends ImageValues, PublishValues {
  readonly binary?: Readonly<Record<string, string>>
  readonly base?: string
  readonly reference?: string
}

export const command: CommandModule = defineCommand<ImageCommandValues>({
  configure: (command) => {
    command
      .requiredOption(
        '--binary <os/arch=file>',
        'a binary and its platform; may be repeated',
        binaryOption,
      )
      .requiredOption(
        '--base <reference>',
        'an image, an OCI layout, a docker archive (- reads one), or scratch',
      )
      .option(
        '--out <dir or file>',
        'where the OCI layout is written (default: dist), or a docker archive: FILE.tar, FILE.tar.gz, -',
      )
      .option('--reference <name>', 'what it is called in the layout or archive')
    imageConfigOptions(command)
    publishOptions(command)
    registryOptions(command)
  },
  async run(context, { options }) {
    const path = checkPath(options.path)
    checkOutput(options)
    const publishing = (options.to ?? []).length > 0
    if (publishing) (await import('../publish-checks.ts')).checkPublishOptions(options)
    const access = { ...context, ...options, out: context.out }
    const released = publishing ? beginReading(options.artifacts, context) : undefined
    return withBase(options.base!, access, async (base) => {
      const image = await assembleImage(context, { base, path, options })
      if (options.out !== undefined || !publishing) await writeImage(image, options, context)
      const made = presentation(imageJson(image), imageText(image))
      const shown = publishing
        ? await publishMade({ ...image, released }, made, { context, options })
        : made
      if (!isPiped(options)) return shown
      context.logger.info(shown.text) // the archive has standard output to itself
      return presentation(shown.json, '')
    })
  },
})

// Reading what was released and assembling keep different parts of the machine busy.
function beginReading(
  artifacts: string | undefined,
  context: Context,
): Promise<ReadArtifacts> | undefined {
  const reading = artifacts === undefined ? undefined : readReleased(artifacts, context)
  reading?.catch(() => {}) // told where it is waited for
  return reading
}

async function publishMade(
  image: AssembledImage & ImageAtHand,
  made: Presentation,
  call: PublishCall,
): Promise<Presentation> {
  const { publishImage } = await import('../publish-image.ts')
  const { shown, receipt } = await publishImage(image, call)
  if (receipt === undefined) return shown
  return presentation({ ...imageJson(image), receipt }, `${made.text}\n${shown.text}`)
}

function checkPath(path: string | undefined): string {
  if (path === undefined)
    throw usage('--path is missing: where does the binary stand in the image?')
  if (path.startsWith('/')) return path
  throw usage(`--path must be absolute in the image, found "${path}"`)
}

interface Wanted {
  readonly base: BaseImage
  readonly path: string
  readonly options: ImageCommandValues
}

async function assembleImage(
  context: Context,
  { base, path, options }: Wanted,
): Promise<AssembledImage> {
  const binaries = await readBinaries(options.binary!, context)
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
