import { invalidLayer } from './errors.ts'
import type { TreeNode } from './tree-node.ts'

interface Whiteout {
  /** With its `.wh.`. */
  readonly name: string
  readonly path: string
}

/** Hides what lower layers hold in a folder: one name, or all of it where the whiteout is opaque. @throws {ERR_INVALID_LAYER} */
export function applyWhiteout(folder: TreeNode, whiteout: Whiteout, layer: number): void {
  if (whiteout.name === '.wh..wh..opq') return prune(folder, layer)
  if (whiteout.name.startsWith('.wh..wh.')) return // bookkeeping of aufs
  const children = folder.children!
  const name = whiteout.name.slice('.wh.'.length)
  const node = children.get(name)
  // Some programs remove what the layer itself has brought before, others keep it, others refuse: so do we.
  if (node !== undefined && isBroughtBy(node, layer))
    throw invalidLayer(`"${whiteout.path}" removes what its own layer has brought`)
  remove(children, name, layer)
}

function isBroughtBy(node: TreeNode, layer: number): boolean {
  if (node.layer === layer && node.entry >= 0) return true
  for (const child of node.children?.values() ?? []) if (isBroughtBy(child, layer)) return true
  return false
}

// A whiteout hides what lower layers hold, never what its own layer brings, in whatever order they come.
function remove(children: Map<string, TreeNode>, name: string, layer: number): void {
  const node = children.get(name)
  if (node === undefined) return
  if (node.children !== undefined) prune(node, layer)
  if (node.layer < layer && isBare(node)) children.set(name, { type: 'removed', layer, entry: -1 })
}

function isBare({ children = new Map() }: TreeNode): boolean {
  for (const child of children.values()) if (child.type !== 'removed') return false
  return true
}

function prune(folder: TreeNode, layer: number): void {
  for (const name of folder.children!.keys()) remove(folder.children!, name, layer)
}
