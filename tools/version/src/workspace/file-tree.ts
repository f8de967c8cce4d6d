import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { parseTree } from '../locate/version-file.ts'
import { nodeAt, toText, type TreeNode } from '../locate/tree.ts'
import { fileReader, type ReadBytes } from '../workspace-files.ts'
import type { ListFolders } from './expand-globs.ts'
import type { TextPlace } from './types.ts'

/** A repository's files, read at most once each. */
export interface FileTree {
  readonly root: string
  readonly read: ReadBytes
  readonly list: ListFolders
  /** A structured file's first document; undefined where there is no such file. */
  readonly tree: (path: string) => Promise<TreeNode | undefined>
}

/** Opens the files below a root; `overlay` changes what is read, for edits that are still under way. */
export function openFiles(root: string, overlay: (read: ReadBytes) => ReadBytes = same): FileTree {
  const read = overlay(fileReader(root))
  const trees = new Map<string, Promise<TreeNode | undefined>>()
  return {
    root,
    read,
    list: (path) => listFolders(join(root, path)),
    tree(path) {
      const found = trees.get(path) ?? parse(path, read)
      trees.set(path, found)
      return found
    },
  }
}

const same = (read: ReadBytes): ReadBytes => read

async function parse(path: string, read: ReadBytes): Promise<TreeNode | undefined> {
  const bytes = await read(path)
  return bytes === undefined ? undefined : (await parseTree(toText(bytes), path))?.[0]
}

async function listFolders(place: string): Promise<readonly string[]> {
  const entries = await readdir(place, { withFileTypes: true }).catch(() => [])
  return entries
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .toSorted()
}

/** Where the text under a list of keys stands; undefined for anything but a text that can be replaced. */
export function placeOfKeys(
  tree: TreeNode | undefined,
  keys: readonly string[],
  place: { readonly path: string; readonly at: string },
): TextPlace | undefined {
  const node = nodeAt(tree, keys)
  if (node?.kind !== 'scalar' || typeof node.value !== 'string' || !node.editable) return undefined
  return { ...place, offset: node.offset, text: node.value }
}
