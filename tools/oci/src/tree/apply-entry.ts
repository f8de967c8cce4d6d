import type { EntryType, TarHeader } from '@waybill/archive'
import { invalidLayer } from './errors.ts'
import { lookup, walk } from './lookup.ts'
import type { TreeBudget } from './room.ts'
import type { TreeNode } from './tree-node.ts'
import { applyWhiteout } from './whiteout.ts'

/** Folders by their paths as members write them: most members stand beside the one before them. Forgotten when anything but a file or folder comes. */
export type FolderCache = Map<string, TreeNode>

/** What is held while a tree is made. */
export interface Held {
  readonly folders: FolderCache
  readonly room: TreeBudget
}

/** The layer a member comes from, and its place there. */
export interface Origin {
  readonly layer: number
  readonly entry: number
}

/** Adds one member of a layer, with whiteouts. OCI image-spec, layer.md. @throws {ERR_INVALID_LAYER} */
export function applyEntry(root: TreeNode, header: TarHeader, origin: Origin, held: Held): void {
  const { folders } = held
  const { parent, name } = parentOf(root, header.path, origin.layer, held)
  if (name === undefined) {
    root.header = header
  } else if (name.startsWith('.wh.')) {
    folders.clear()
    applyWhiteout(parent, { name, path: header.path }, origin.layer)
  } else {
    const before = parent.children!.get(name)
    if (!staysFolder(before, header.type)) folders.clear()
    parent.children!.set(name, nodeOf(root, header, before, origin))
  }
}

function nodeOf(
  root: TreeNode,
  header: TarHeader,
  before: TreeNode | undefined,
  origin: Origin,
): TreeNode {
  const node: TreeNode = { type: header.type, header: withoutContent(header), ...origin }
  if (header.type === 'directory') node.children = before?.children ?? new Map()
  if (header.type !== 'hardlink') return node
  const target = lookup(root, header.linkname ?? '').node
  if (target !== undefined) setTarget(node, target.target ?? target, header.mode)
  return node
}

// One file has one mode. Engines give it what the link's header says (moby, pkg/archive, handleLChmod); others keep the file's own.
function setTarget(node: TreeNode, file: TreeNode, mode: number): void {
  node.target = file
  ;(file.linkModes ??= []).push(mode)
}

// Whether every folder leads where it led before.
const staysFolder = (before: TreeNode | undefined, type: EntryType): boolean =>
  (type === 'file' || type === 'directory') && (before === undefined || before.type === type)

// Member by member: what a rest pattern makes is three times as large, and an image has hundreds of thousands.
function withoutContent(header: TarHeader): TarHeader {
  if (!('content' in header)) return header
  const { path, type, mode, uid, gid, mtime, size, linkname } = header
  return linkname === undefined
    ? { path, type, mode, uid, gid, mtime, size }
    : { path, type, mode, uid, gid, mtime, size, linkname }
}

function parentOf(
  root: TreeNode,
  path: string,
  layer: number,
  { folders, room }: Held,
): { readonly parent: TreeNode; readonly name: string | undefined } {
  const at = path.lastIndexOf('/') + 1
  const [folder, last] = [path.slice(0, at), path.slice(at)]
  const known = isName(last) ? folders.get(folder) : undefined
  if (known !== undefined) return { parent: known, name: last }
  const parts = partsOf(path)
  const name = parts.pop()
  const parent = folderAt(root, parts, layer, room)
  if (name === last) folders.set(folder, parent)
  return { parent, name }
}

const isName = (part: string): boolean => part !== '' && part !== '.' && part !== '..'

function folderAt(
  root: TreeNode,
  parts: readonly string[],
  layer: number,
  room: TreeBudget,
): TreeNode {
  const create = (parent: TreeNode, name: string): TreeNode => {
    room.folder()
    const node: TreeNode = { type: 'directory', layer, entry: -1, children: new Map() }
    parent.children!.set(name, node)
    return node
  }
  const found = walk(root, parts, { create })
  if (found.node?.children !== undefined) return found.node
  const reason = found.node === undefined ? found.reason : `${found.path} is no folder`
  throw invalidLayer(`"${parts.join('/')}" cannot hold a file: ${reason}`)
}

/** The parts of a layer's path. @throws {ERR_INVALID_LAYER} when it leads out of the root. */
export function partsOf(path: string): string[] {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.')
  if (parts.includes('..')) throw invalidLayer(`"${path}" leads out of its folder`)
  return parts
}
