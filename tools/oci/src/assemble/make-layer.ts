import { createReadStream } from 'node:fs'
import { open, readFile } from 'node:fs/promises'
import {
  WaybillError,
  digestFile,
  digestMismatch,
  formatPlatform,
  verified,
  type Descriptor,
  type Digest,
} from '@waybill/core'
import { sortEntries, writeTar, type TarHeader, type TarInput } from '@waybill/archive'
import type { FactsOptions } from '../facts/layer-facts.ts'
import { PEEK, peekPlatforms } from '../peek-platform.ts'
import type { PlatformBinary } from './binaries.ts'
import { compressStream, compressWhole } from './compress.ts'
import { recallLayer, rememberLayer } from './layer-cache.ts'

/** Which way of making a layer was used; the same recipe and input give the same bytes. Documented in docs/api.oci.md. */
export const LAYER_RECIPE = 1

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
  /** The digest of the binary that was compressed into it just now; absent where a cache had the layer. */
  readonly written?: Digest
}

/**
 * Makes the layer that brings a binary, in one pass over it; one that a cache remembers is not compressed again.
 * @throws {ERR_DIGEST_MISMATCH} when the file is not the artifact it is said to be, {ERR_WRONG_PLATFORM}, {ERR_NOT_A_BINARY}
 */
export async function makeLayer(input: LayerInput, options: FactsOptions = {}): Promise<MadeLayer> {
  await checkPlatform(input.binary)
  const { cache } = options
  const before = cache && (await recallLayer(input, LAYER_RECIPE, cache))
  if (before) {
    await assertUnchanged(input.binary)
    return before
  }
  const layer = await compress(input)
  if (cache) await rememberLayer(input, LAYER_RECIPE, { layer, cache })
  return { ...layer, written: input.binary.artifact.digest }
}

async function assertUnchanged({ artifact, file }: PlatformBinary): Promise<void> {
  const { digest } = await digestFile(file)
  if (digest !== artifact.digest) throw digestMismatch(file, artifact.digest, digest)
}

function readBinary({ artifact, file }: PlatformBinary): AsyncIterable<Uint8Array> {
  return verified(artifact, createReadStream(file, { highWaterMark: 256 * 1024 }), file)
}

// Whatever fits into the memory that a release may take is compressed at once.
const SMALL = 32 * 1024 * 1024

async function compress(input: LayerInput): Promise<MadeLayer> {
  const small = input.binary.artifact.size <= SMALL
  const content = small ? await readWhole(input.binary) : () => readBinary(input.binary)
  const tar = writeTar(layerEntries(input, content))
  // What is in memory was hashed there; a file may change.
  if (small) return compressWhole(await gather(tar))
  const { descriptor, diffId, open } = await compressStream(tar)
  const read = (): AsyncIterable<Uint8Array> =>
    verified(descriptor, open(), `layer ${descriptor.digest}`)
  return { descriptor, diffId, open: read }
}

async function readWhole({ artifact, file }: PlatformBinary): Promise<Uint8Array> {
  const bytes = await readFile(file)
  for await (const _ of verified(artifact, [bytes], file));
  return bytes
}

async function gather(stream: AsyncIterable<Uint8Array>): Promise<readonly Uint8Array[]> {
  const chunks: Uint8Array[] = []
  for await (const chunk of stream) chunks.push(chunk)
  return chunks
}

const headerOf = ({ binary, path, mtime }: LayerInput): TarHeader => ({
  path: path.slice(1),
  type: 'file',
  mode: 0o755,
  uid: 0,
  gid: 0,
  mtime,
  size: binary.artifact.size,
})

function layerEntries(
  { binary, path, parents, mtime }: LayerInput,
  content: NonNullable<TarInput['content']>,
): readonly TarInput[] {
  const folders = parents.map((folder) => ({
    path: folder.slice(1),
    type: 'directory' as const,
    mode: 0o755,
    mtime,
  }))
  const program = { ...headerOf({ binary, path, parents, mtime }), type: 'file' as const }
  return sortEntries<TarInput>([...folders, { ...program, content }])
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
