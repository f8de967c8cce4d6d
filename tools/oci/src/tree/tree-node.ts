import type { EntryType, TarHeader } from '@waybill/archive'

/** A file of an image as a container sees it, once all layers lie upon each other. */
export interface TreeNode {
  type: EntryType | 'removed'
  /** Absent for folders that no layer names but files lie in. */
  header?: TarHeader
  /** The layer it comes from (removed: that removed it), from 0. */
  layer: number
  /** Its place among the members of that layer. */
  entry: number
  children?: Map<string, TreeNode>
  /** What a hard link stands for. */
  target?: TreeNode
  /** The modes that hard links to it have, which engines may give it. */
  linkModes?: number[]
}

/** Whether a file may be executed: by somebody under any reading of its mode, and by everybody under each. */
export function executable(node: TreeNode): {
  readonly perhaps: boolean
  readonly surely: boolean
} {
  const { type, header, linkModes = [] } = fileOf(node)
  const modes = [header?.mode ?? 0, ...linkModes]
  return {
    perhaps: type === 'file' && modes.some((mode) => (mode & 0o111) !== 0),
    surely: type === 'file' && modes.every((mode) => (mode & 0o111) === 0o111),
  }
}

/** An empty root. */
export function createTree(): TreeNode {
  return { type: 'directory', layer: -1, entry: -1, children: new Map() }
}

/** Every path of an image with what stands there, folders before what they hold. */
export function listTree(root: TreeNode): ReadonlyMap<string, TreeNode> {
  const found = new Map<string, TreeNode>()
  const todo: (readonly [string, TreeNode])[] = [['', root]]
  for (let next = todo.pop(); next !== undefined; next = todo.pop()) {
    for (const [name, child] of next[1].children ?? []) {
      if (child.type === 'removed') continue
      const path = `${next[0]}/${name}`
      found.set(path, child)
      todo.push([path, child])
    }
  }
  return found
}

/** What holds the content: the file that a hard link stands for, else the node itself. */
export function fileOf(node: TreeNode): TreeNode {
  return node.target ?? node
}
