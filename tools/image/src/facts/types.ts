import type { CachePlace } from '@waybill/core'
import type { TarHeader } from '@waybill/archive'
import type { BinaryFacts } from '@waybill/binary'
import type { TreeNode } from '@waybill/oci/internal'

/** What a shared library in a layer is and offers. */
export type LibraryFacts = Pick<BinaryFacts, 'platform' | 'soname' | 'needed' | 'provides'>

/** What is remembered of a layer, by its digest: its members, and the facts of the libraries among them by their place. */
export interface LayerFacts {
  readonly entries: readonly TarHeader[]
  readonly libraries: ReadonlyMap<number, LibraryFacts>
}

export interface FactsOptions {
  /**
   * Where facts and layers outlive the process: a folder or an opened cache. What it says is believed where it was signed with this user's key.
   * @default this process alone remembers them
   */
  readonly cache?: CachePlace | undefined
}

/** The files of an image with what is known of its libraries. */
export interface ImageFacts {
  readonly root: TreeNode
  libraryAt(node: TreeNode): LibraryFacts | undefined
}
