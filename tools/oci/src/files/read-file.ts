import { WaybillError, collect } from '@waybill/core'
import { findFile, readMember } from '../find-file.ts'
import { follow } from '../tree/lookup.ts'
import { readTree } from '../tree/read-tree.ts'
import { fileOf } from '../tree/tree-node.ts'
import type { Image } from '../image-types.ts'

export interface ReadFileOptions {
  /** The most bytes that are read. @default 64 MiB */
  readonly limit?: number
}

const LIMIT = 64 * 1024 * 1024

/**
 * Reads one file of an image as a container of it would, links followed. Looks no further down than needed.
 * @throws {ERR_FILE_MISSING} {ERR_NOT_A_FILE} {ERR_TOO_LARGE} {ERR_DIGEST_MISMATCH} {ERR_INVALID_LAYER}
 */
export async function readFile(
  image: Pick<Image, 'layers'>,
  path: string,
  options: ReadFileOptions = {},
): Promise<Uint8Array> {
  const limit = options.limit ?? LIMIT
  const read = (content: AsyncIterable<Uint8Array>): Promise<Uint8Array> =>
    collect(content, limit, path)
  const found = await findFile(image, path, (entry) => read(entry.content))
  if (found.kind === 'file') return found.value
  if (found.kind === 'missing') throw missing(found.reason)
  const followed = follow(await readTree(image.layers), path)
  if (followed.node === undefined) throw missing(followed.reason)
  const { type, layer, entry } = fileOf(followed.node)
  if (type !== 'file') throw new WaybillError('ERR_NOT_A_FILE', `${path} is a ${type} in the image`)
  return readMember(image.layers[layer]!, entry, (member) => read(member.content))
}

function missing(reason: string): WaybillError {
  return new WaybillError('ERR_FILE_MISSING', `${reason} in the image`)
}
