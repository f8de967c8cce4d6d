import type { TarHeader } from '@waybill/archive'
import { applyEntry, type FolderCache } from './apply-entry.ts'
import { inLayer } from './errors.ts'
import { createTreeBudget } from './room.ts'
import { createTree, type TreeNode } from './tree-node.ts'
import type { Layer } from '../image-types.ts'

/** Lays the layers of an image upon each other, reading headers only. @throws {ERR_INVALID_LAYER} {ERR_TOO_LARGE} */
export async function readTree(
  layers: readonly Layer[],
  list: (layer: Layer) => AsyncIterable<TarHeader> | Iterable<TarHeader> = (layer) =>
    layer.entries(),
): Promise<TreeNode> {
  const root = createTree()
  const folders: FolderCache = new Map()
  const room = createTreeBudget()
  for (const [index, layer] of layers.entries()) {
    let entry = 0
    const headers = list(layer)
    const add = (header: TarHeader): void => {
      room.member(header)
      applyEntry(root, header, { layer: index, entry: entry++ }, { folders, room })
    }
    try {
      if (Symbol.iterator in headers) for (const header of headers) add(header)
      else for await (const header of headers) add(header)
    } catch (error) {
      throw inLayer(error, layer)
    }
  }
  return root
}
