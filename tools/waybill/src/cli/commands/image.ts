import { basename } from 'node:path'
import {
  WaybillError,
  openCache,
  parsePlatform,
  deferRejection,
  type Artifact,
  type Cache,
  type Context,
  type Platform,
  type Release,
} from '@waybill/core'
import { type BaseImage } from '@waybill/oci'
import { assemble, prepareBase, type AssembledImage, type ReadArtifacts } from '@waybill/image'
import type { PublishCall } from '../carry-out.ts'
import { assertOwnFolders, assertUntrackedFiles } from '@waybill/release'
import { defineCommand, type CommandModule, type CommonValues } from '../command.ts'
import { withComingBase } from '../open-image.ts'
import { binaryOption, readBinaries } from '../binaries.ts'
import { imageConfigOf, imageConfigOptions, type ImageValues } from '../image-values.ts'
import { registryAccess, registryOptions } from '../options.ts'
import { readReleased } from '../prove.ts'
import type { ImageAtHand } from '../publish-image.ts'
import { publishOptions, type PublishValues } from '../publish-values.ts'
import { sayRuns } from '../say-runs.ts'
import { checkOutput, isPiped, writeImage, type ImageOutput } from '../write-image.ts'
import { presentation, type Presentation } from '../../present/present.ts'
import { table } from '../../present/table.ts'
import { bytes, short } from '../../present/units.ts'

interface ImageCommandValues extends ImageValues, PublishValues, Pick<CommonValues, 'dryRun'> {
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
    await assertUntrackedFiles(Object.values(options.binary!), context)
    const access = registryAccess(context, options)
    const released = publishing ? beginReading(options.artifacts, context) : undefined
    const binaries = deferRejection(readBinaries(options.binary!, context))
    // A dry run writes nothing, so it remembers nothing; a strict proof rests on no record.
    const isBare = options.dryRun === true || options.strict === true
    const cache = isBare ? undefined : await openCache(undefined, context)
    const platforms = Object.keys(options.binary!).map(parsePlatform).filter(isLinux)
    return withComingBase(options.base!, access, async (coming) => {
      const base = deferRejection(coming.then((one) => prepareBase(one, { platforms, cache })))
      const making = makeImage(context, { base, binaries, path, cache, options })
      const published = publishing
        ? await publishMade(making, { released, call: { context, options } })
        : undefined
      const shown = published ?? presentImage(await making)
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
  return artifacts === undefined ? undefined : deferRejection(readReleased(artifacts, context))
}

async function publishMade(
  making: Promise<AssembledImage>,
  { released, call }: Pick<ImageAtHand, 'released'> & { readonly call: PublishCall },
): Promise<Presentation> {
  const atHand = deferRejection(making.then(({ content }) => ({ content, released })))
  const { publishImage } = await import('../publish-image.ts')
  const { shown, receipt } = await publishImage(atHand, call)
  if (receipt === undefined) return shown
  const made = presentImage(await making)
  return presentation({ ...(made.json as object), receipt }, `${made.text}\n${shown.text}`)
}

function checkPath(path: string | undefined): string {
  if (path === undefined)
    throw usage('--path is missing: where does the binary stand in the image?')
  if (path.startsWith('/')) return path
  throw usage(`--path must be absolute in the image, found "${path}"`)
}

interface Wanted {
  readonly base: Promise<BaseImage>
  readonly binaries: Promise<readonly Artifact[]>
  readonly path: string
  readonly cache: Cache | undefined
  readonly options: ImageCommandValues & ImageOutput
}

async function makeImage(context: Context, wanted: Wanted): Promise<AssembledImage> {
  const { options } = wanted
  await assertOwnFolders(context)
  const image = await assembleImage(context, wanted)
  const isPublished = (options.to ?? []).length > 0
  if (!isPublished) await sayRuns(image, options, context) // the proof says it of what is published
  const isWritten = options.out !== undefined || !isPublished
  if (isWritten && options.dryRun !== true) await writeImage(image, options, context)
  return image
}

const isLinux = ({ os }: Platform): boolean => os === 'linux'

async function assembleImage(
  context: Context,
  { base, binaries, path, cache, options }: Wanted,
): Promise<AssembledImage> {
  const { label, annotation } = options
  return assemble(releaseOf(path, options), await binaries, {
    ...context,
    cache,
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

const presentImage = (image: AssembledImage): Presentation =>
  presentation(imageJson(image), imageText(image))

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
