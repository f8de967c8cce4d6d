import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { addAbortSignal } from 'node:stream'
import {
  WaybillError,
  canonicalJson,
  createContext,
  describe,
  digestMismatch,
  inStep,
  isWaybillError,
  openFile,
  verified,
  type Context,
  type ContextOptions,
  type Descriptor,
} from '@waybill/core'
import { reconfigure, type ReconfigureOptions } from '../assemble/reconfigure.ts'
import { parseImageConfig, type ImageConfig, mediaTypes, type Target } from '@waybill/oci'
import { assertGoing } from '@waybill/oci/internal'
import { assertEntrypoint } from './assert-entrypoint.ts'
import { assertSameIndex } from './assert-same-index.ts'
import { parseArchiveManifest, pickImage, type ArchivedImage } from './archive-manifest.ts'
import { readMembers, type KeptLayer, type Members } from './members.ts'
import { runProducer } from './run-producer.ts'

/** Where an archive comes from: a file, `-` for standard input, a stream, or a program that writes it to its standard output. */
export type ArchiveSource =
  | string
  | AsyncIterable<Uint8Array>
  | { readonly command: readonly [string, ...string[]] }

export interface DockerArchiveOptions extends ContextOptions, ReconfigureOptions {
  /** Which image, where the archive holds several. */
  readonly tag?: string | undefined
  /** What it will be called in the target. @default nothing */
  readonly reference?: string | undefined
  /** @default 127, what engines can lay upon each other */
  readonly maxLayers?: number | undefined
}

/**
 * Reads an image as `docker save` and other tools write it into a target, as an OCI image. One pass over the stream, whatever its length;
 * the target gets nothing before the end was seen and every layer matched its diff id.
 * @throws {ERR_INVALID_TAR} {ERR_INVALID_GZIP} {ERR_INVALID_IMAGE} {ERR_DIGEST_MISMATCH} {ERR_WRONG_PLATFORM} {ERR_TOO_MANY_LAYERS}
 * {ERR_NOT_FOUND} {ERR_AMBIGUOUS_REFERENCE} {ERR_EXEC_FAILED}
 */
export async function readDockerArchive(
  source: ArchiveSource,
  target: Target,
  options: DockerArchiveOptions = {},
): Promise<Descriptor> {
  const context = createContext(options)
  const folder = await mkdtemp(join(tmpdir(), 'waybill-archive-'))
  try {
    return await inStep(context.progress, 'read the docker archive', async () => {
      const stream = await openSource(source, folder, context)
      const members = await readMembers(stream, folder)
      const images = parseArchiveManifest(members.documents.get('manifest.json'))
      assertSameIndex(images, members)
      const image = pickImage(images, options.tag)
      return await convert(image, members, { target, options, context })
    })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function openSource(
  source: ArchiveSource,
  folder: string,
  context: Context,
): Promise<AsyncIterable<Uint8Array>> {
  if (source === '-') return fromStandardInput(context.signal)
  if (typeof source === 'string') return readRegular(source)
  if (!('command' in source)) return source
  const file = join(folder, 'archive')
  await runProducer(source.command, file, context)
  return readRegular(file)
}

// A cancelled run must not wait for whoever is to write there.
async function* fromStandardInput(signal: AbortSignal): AsyncGenerator<Uint8Array> {
  try {
    yield* addAbortSignal(signal, process.stdin) as AsyncIterable<Uint8Array>
  } catch (error) {
    assertGoing(signal)
    throw error
  }
}

async function* readRegular(path: string): AsyncGenerator<Uint8Array> {
  const file = await openFile(path).catch((error: unknown) => {
    throw isWaybillError(error, 'ERR_NOT_A_FILE') ? pipeAt(path, error) : error
  })
  yield* file.createReadStream({ highWaterMark: 1024 * 1024 }) as AsyncIterable<Uint8Array>
}

function pipeAt(path: string, cause: WaybillError): WaybillError {
  return new WaybillError('ERR_NOT_A_FILE', cause.message, {
    hint: `An archive out of a pipe is read from standard input: - <${path}`,
    details: { path },
    cause,
  })
}

interface Conversion {
  readonly target: Target
  readonly options: DockerArchiveOptions
  readonly context: Context
}

async function convert(
  image: ArchivedImage,
  members: Members,
  { target, options, context }: Conversion,
): Promise<Descriptor> {
  const bytes = members.documents.get(image.config)
  if (bytes === undefined) throw absent(image.config)
  const config = parseImageConfig(bytes, `docker archive: ${image.config}`)
  const layers = checkLayers(image, members, config)
  checkCount(layers.length, options.maxLayers ?? 127, context)
  const own = reconfigure(config, options)
  const configBytes = own === config ? bytes : Buffer.from(canonicalJson(own))
  await assertEntrypoint(own, layers)
  const manifest = {
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    config: describe(mediaTypes.config, configBytes),
    layers: layers.map(({ descriptor }) => descriptor),
  }
  for (const { descriptor, open } of layers)
    await target.push(descriptor, () => verified(descriptor, open(), descriptor.digest), context)
  await target.push(manifest.config, () => one(configBytes), context)
  const manifestBytes = Buffer.from(canonicalJson(manifest))
  const { os, architecture, variant } = config
  const platform = { os, architecture, ...(variant === undefined ? {} : { variant }) }
  const descriptor = { ...describe(mediaTypes.manifest, manifestBytes), platform }
  await target.push(descriptor, () => one(manifestBytes), context)
  if (options.reference !== undefined) await target.tag(descriptor, options.reference, context)
  return descriptor
}

async function* one(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  yield bytes
}

function checkLayers(
  image: ArchivedImage,
  members: Members,
  config: ImageConfig,
): readonly KeptLayer[] {
  const diffIds = config.rootfs.diff_ids
  if (diffIds.length !== image.layers.length) {
    throw new WaybillError(
      'ERR_INVALID_IMAGE',
      `docker archive: ${image.layers.length} layers, but ${image.config} lists ${diffIds.length}`,
    )
  }
  return image.layers.map((path, index) => {
    const layer = members.layers.get(path)
    if (layer === undefined) throw absent(path)
    const expected = diffIds[index]!
    if (layer.diffId !== expected)
      throw digestMismatch(`docker archive: ${path}`, expected, layer.diffId)
    return layer
  })
}

function absent(path: string): WaybillError {
  return new WaybillError('ERR_CONTENT_MISSING', `docker archive: ${path} is not in it`, {
    hint: 'The stream was cut short, or its writer failed; look at what the writer said.',
  })
}

const NEAR = 7

function checkCount(count: number, most: number, { logger }: Context): void {
  if (count > most) {
    throw new WaybillError(
      'ERR_TOO_MANY_LAYERS',
      `The image has ${count} layers, at most ${most}`,
      {
        hint: 'Let its builder put more into one layer.',
        details: { count, most },
      },
    )
  }
  if (count > most - NEAR) logger.warn(`The image has ${count} layers; engines take ${most}`)
}
