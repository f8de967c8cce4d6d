import { WaybillError, formatPlatform } from '@waybill/core'
import { type ImageConfig, type Layer } from '@waybill/oci'
import { readLayer, readMember, follow, readTree, fileOf } from '@waybill/oci/internal'
import { PEEK, peekPlatforms } from '../peek-platform.ts'
import type { KeptLayer } from './members.ts'

/**
 * Compares the architecture that an image says it is for with that of the program it starts, as far as that is an executable in it.
 * @throws {ERR_WRONG_PLATFORM}
 */
export async function assertEntrypoint(
  config: ImageConfig,
  kept: readonly KeptLayer[],
): Promise<void> {
  const path = config.config.Entrypoint?.[0] ?? config.config.Cmd?.[0]
  if (path === undefined || !path.startsWith('/')) return
  const layers = kept.map((layer): Layer => {
    const { descriptor, diffId, open } = layer
    return { descriptor, diffId, open, entries: () => readLayer({ descriptor, open }, diffId) }
  })
  const { node } = follow(await readTree(layers), path)
  if (node === undefined || fileOf(node).type !== 'file') return
  const { layer, entry } = fileOf(node)
  const start = await readMember(layers[layer]!, entry, ({ content }) => firstBytes(content))
  const found = peekPlatforms(start)
  const { os, architecture } = config
  if (found.length === 0) return
  if (found.some((one) => one.os === os && one.architecture === architecture)) return
  throw new WaybillError(
    'ERR_WRONG_PLATFORM',
    `The image says ${os}/${architecture}, but ${path} in it is for ${found.map(formatPlatform).join(', ')}`,
    { hint: 'Set the architecture where the image is built, or build it for the right one.' },
  )
}

async function firstBytes(content: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  let start: Uint8Array = new Uint8Array(0)
  for await (const chunk of content)
    if (start.byteLength < PEEK) start = Buffer.concat([start, chunk.subarray(0, PEEK)])
  return start
}
