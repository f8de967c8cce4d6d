import { WaybillError, formatPlatform, isWaybillError, verified, type Cache } from '@waybill/core'
import { sortEntries, tarFrame, type DeflatedPiece, type TarInput } from '@waybill/archive'
import { recallBytes } from '../known-bytes.ts'
import { untilCancelled } from '@waybill/oci'
import { PEEK, peekPlatforms, readStart } from '../peek-platform.ts'
import type { PlatformBinary } from './binaries.ts'
import { isSmall } from './binary-file.ts'
import { compressPieces } from './compress.ts'
import { mayRecall, recallLayer, rememberLayer } from './layer-cache.ts'
import { packBinary, piecesOf } from './pack-binary.ts'
import { inSteps, recipeDiffId } from './recipe-diff-id.ts'
import type { LayerInput, MadeLayer, LayerOptions } from './types.ts'

/** Which way of making a layer was used; the same recipe and input give the same bytes. Documented in docs/api.oci.md. */
export const LAYER_RECIPE = 3

/** Begins to compress a binary, unless it was put into a layer before: then it is worth waiting for where it goes. */
export async function beginLayer(
  binary: PlatformBinary,
  cache: Cache | undefined,
): Promise<AsyncIterable<DeflatedPiece> | undefined> {
  return (await mayRecall(binary, cache)) ? undefined : packBinary(binary)
}

/**
 * Makes the layer that brings a binary, in one pass over it; one that a cache remembers is not compressed again.
 * @throws {ERR_DIGEST_MISMATCH} when the file is not the artifact it is said to be, {ERR_WRONG_PLATFORM}, {ERR_NOT_A_BINARY}, {ERR_CANCELLED}
 */
export async function makeLayer(
  input: LayerInput,
  { cache, begun, signal }: LayerOptions = {},
): Promise<MadeLayer> {
  const { binary } = input
  await checkPlatform(binary)
  const anew = async (): Promise<MadeLayer> => {
    const content = untilCancelled(begun ?? packBinary(binary), signal)
    const layer = await compress(input, content)
    if (cache) await rememberLayer(input, LAYER_RECIPE, { layer, cache })
    return { ...layer, written: binary.artifact.digest }
  }
  const before = cache && (await recallLayer(input, LAYER_RECIPE, { cache, anew }))
  // A record says which bytes were made; what they must hold, the recipe and the binary say.
  return before && before.diffId === (await recipeDiffId(members(input), signal)) ? before : anew()
}

// A piece that was hashed is read into again.
async function* reused(file: string): AsyncGenerator<Uint8Array, void, undefined> {
  const spare: Uint8Array[] = []
  for await (const piece of piecesOf(file, spare)) {
    yield piece
    spare.push(piece)
  }
}

function members(input: LayerInput): readonly TarInput[] {
  const { artifact, file } = input.binary
  const bytes = recallBytes(artifact)
  const content = bytes === undefined ? verified(artifact, reused(file), file) : inSteps(bytes)
  return layerEntries(input).map((entry) => (entry.type === 'file' ? { ...entry, content } : entry))
}

async function compress(
  input: LayerInput,
  content: AsyncIterable<DeflatedPiece>,
): Promise<MadeLayer> {
  const frame = tarFrame(layerEntries(input))
  // What stays in memory was hashed on its way there; a file may change.
  if (isSmall(input.binary.artifact)) return compressPieces(frame, content, { memory: Infinity })
  const { descriptor, diffId, open } = await compressPieces(frame, content)
  const read = (): AsyncIterable<Uint8Array> =>
    verified(descriptor, open(), `layer ${descriptor.digest}`)
  return { descriptor, diffId, open: read }
}

// The binary comes last: its folders' paths begin its own.
function layerEntries({ binary, path, parents, mtime }: LayerInput): readonly TarInput[] {
  const common = { mode: 0o755, uid: 0, gid: 0, mtime }
  const folders = parents.map((folder) => ({
    ...common,
    path: folder.slice(1),
    type: 'directory' as const,
  }))
  const { size } = binary.artifact
  return [...sortEntries<TarInput>(folders), { ...common, path: path.slice(1), type: 'file', size }]
}

/** Checks a binary's header against the platform it is said to be for: the architecture, which swapped files betray. */
async function checkPlatform({ artifact, file, platform }: PlatformBinary): Promise<void> {
  const start = recallBytes(artifact)?.subarray(0, PEEK) ?? (await firstBytes(file))
  const found = peekPlatforms(start)
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
  return readStart(path).catch((error: unknown) => {
    if (isWaybillError(error)) throw error
    throw new WaybillError('ERR_FILE_MISSING', `${path} cannot be read`, { cause: error })
  })
}
