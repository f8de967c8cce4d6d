import type { TarHeader } from '@waybill/archive'
import { type Layer } from '@waybill/oci'
import { readTree, type TreeNode } from '@waybill/oci/internal'
import { isPreload, type SeenLayers } from './seen-layers.ts'
/** What the layers of a base hold, from the lowest up, where the process that assembled an image upon it knows that already. */
export type BaseEntries = () => Promise<readonly (readonly TarHeader[])[]>

/** The files of an image, as far as somebody asks for them. */
export interface ImageContents {
  readonly seen: SeenLayers
  /** Whether something in it may be the loader's list. */
  mayPreload(): Promise<boolean>
  /** All layers upon each other; read once. */
  tree(): Promise<TreeNode>
  /** How many layers nobody knows anything of. */
  unknown(): number
}

/** Opens the files of an image: what a base is known to hold is not read again. */
export function imageContents(seen: SeenLayers, base?: BaseEntries): ImageContents {
  const { layers } = seen.image
  let tree: Promise<TreeNode> | undefined
  const build = async (): Promise<TreeNode> => {
    const known = (await base?.()) ?? []
    const entriesOf = (layer: Layer): readonly TarHeader[] | AsyncIterable<TarHeader> =>
      known[layers.indexOf(layer)] ?? layer.entries()
    return readTree(layers, entriesOf)
  }
  return {
    seen,
    async mayPreload() {
      const known = (await base?.()) ?? []
      return seen.mayPreload() || known.some((entries) => entries.some(isPreload))
    },
    tree: () => (tree ??= build()),
    unknown: () => (base === undefined ? seen.unreadLayers().length : 0),
  }
}

/** Reads those layers that nobody has read to their end. @throws {ERR_DIGEST_MISMATCH} {ERR_INVALID_LAYER} {ERR_CONTENT_MISSING} */
export async function readRest({ seen }: ImageContents): Promise<void> {
  for (const layer of seen.unreadLayers()) for await (const _ of layer.entries());
}
