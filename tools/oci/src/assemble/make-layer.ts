import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import {
  WaybillError,
  createDigester,
  formatPlatform,
  verified,
  type Descriptor,
  type Digest,
  type Digester,
} from '@waybill/core'
import { gzip, sortEntries, writeTar, type TarInput } from '@waybill/archive'
import type { FactsOptions } from '../facts/layer-facts.ts'
import { mediaTypes } from '../media-types.ts'
import { PEEK, peekPlatforms } from '../peek-platform.ts'
import type { PlatformBinary } from './binaries.ts'
import { recallLayer, rememberLayer } from './layer-cache.ts'
import { keep } from './layer-sink.ts'

/** Which way of making a layer was used; the same recipe and input give the same bytes. Documented in docs/api.oci.md. */
export const LAYER_RECIPE = 1

// Fast, and 8 % larger than the usual 6 on compiled programs; part of the recipe.
const LEVEL = 1

export interface LayerInput {
  readonly binary: PlatformBinary
  /** Where the binary goes, absolute. */
  readonly path: string
  /** Folders the base lacks, absolute. */
  readonly parents: readonly string[]
  /** Seconds since 1970, of every member. */
  readonly mtime: number
}

export interface MadeLayer {
  readonly descriptor: Descriptor
  readonly diffId: Digest
  open(): AsyncIterable<Uint8Array>
}

/**
 * Makes the layer that brings a binary, in one pass over it; one that a cache remembers is not compressed again.
 * @throws {ERR_DIGEST_MISMATCH} when the file is not the artifact it is said to be, {ERR_WRONG_PLATFORM}, {ERR_NOT_A_BINARY}
 */
export async function makeLayer(input: LayerInput, options: FactsOptions = {}): Promise<MadeLayer> {
  await checkPlatform(input.binary)
  const { cache } = options
  if (cache === undefined) return compress(input)
  const before = await recallLayer(input, LAYER_RECIPE, cache)
  if (before !== undefined) {
    for await (const _ of readBinary(input.binary)); // it must still be what it is said to be
    return before
  }
  const layer = await compress(input)
  await rememberLayer(input, LAYER_RECIPE, { layer, cache })
  return layer
}

function readBinary({ artifact, file }: PlatformBinary): AsyncIterable<Uint8Array> {
  return verified(artifact, createReadStream(file, { highWaterMark: 1024 * 1024 }), file)
}

async function compress(input: LayerInput): Promise<MadeLayer> {
  const diff = createDigester()
  const blob = createDigester()
  const tar = through(writeTar(layerEntries(input)), diff)
  const read = await keep(through(gzip(tar, { level: LEVEL }), blob))
  const descriptor = { mediaType: mediaTypes.layerGzip, digest: blob.digest(), size: blob.size }
  return {
    descriptor,
    diffId: diff.digest(),
    open: () => verified(descriptor, read(), `layer ${descriptor.digest}`),
  }
}

function layerEntries({ binary, path, parents, mtime }: LayerInput): readonly TarInput[] {
  const folders = parents.map((folder) => ({
    path: folder.slice(1),
    type: 'directory' as const,
    mode: 0o755,
    mtime,
  }))
  const content = (): AsyncIterable<Uint8Array> => readBinary(binary)
  const program = { path: path.slice(1), type: 'file' as const, mode: 0o755, mtime }
  return sortEntries<TarInput>([...folders, { ...program, size: binary.artifact.size, content }])
}

async function* through(
  stream: AsyncIterable<Uint8Array>,
  digester: Digester,
): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const chunk of stream) {
    digester.update(chunk)
    yield chunk
  }
}

/** Checks a binary's header against the platform it is said to be for: the architecture, which swapped files betray. */
async function checkPlatform({ file, platform }: PlatformBinary): Promise<void> {
  const found = peekPlatforms(await firstBytes(file))
  if (found.some((one) => one.os === platform.os && one.architecture === platform.architecture))
    return
  const wanted = formatPlatform(platform)
  if (found.length === 0) {
    throw new WaybillError(
      'ERR_NOT_A_BINARY',
      `${file}: expected an executable for ${wanted}, found none that is known`,
      { details: { file, wanted } },
    )
  }
  const is = found.map(formatPlatform).join(', ')
  throw new WaybillError(
    'ERR_WRONG_PLATFORM',
    `${file}: expected an executable for ${wanted}, found one for ${is}`,
    {
      hint: 'Two binaries were swapped, or the build made the wrong target.',
      details: { file, wanted, found: is },
    },
  )
}

async function firstBytes(path: string): Promise<Uint8Array> {
  const file = await open(path, 'r').catch((error: unknown) => {
    throw new WaybillError('ERR_FILE_MISSING', `${path} cannot be read`, { cause: error })
  })
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(PEEK), 0, PEEK, 0)
    return buffer.subarray(0, bytesRead)
  } finally {
    await file.close()
  }
}
