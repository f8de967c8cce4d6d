import { WaybillError, isWaybillError } from '@waybill/core'
import type { EntryType, TarHeader } from '@waybill/archive'
import type { Layer } from './image.ts'

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
}

export type Lookup =
  | { readonly node: TreeNode; readonly path: string }
  | {
      readonly node?: undefined
      readonly path: string
      readonly reason: string
      /** The layer that removed it, where one did. */
      readonly removedBy?: number
    }

/** An empty root. */
export function createTree(): TreeNode {
  return { type: 'directory', layer: -1, entry: -1, children: new Map() }
}

/** Lays the layers of an image upon each other, reading headers only. @throws {ERR_INVALID_LAYER} */
export async function readTree(
  layers: readonly Layer[],
  list: (layer: Layer) => AsyncIterable<TarHeader> | Iterable<TarHeader> = (layer) =>
    layer.entries(),
): Promise<TreeNode> {
  const root = createTree()
  const folders: FolderCache = new Map()
  for (const [index, layer] of layers.entries()) {
    let entry = 0
    const headers = list(layer)
    const add = (header: TarHeader): void =>
      applyEntry(root, header, { layer: index, entry: entry++ }, folders)
    try {
      if (Symbol.iterator in headers) for (const header of headers) add(header)
      else for await (const header of headers) add(header)
    } catch (error) {
      throw inLayer(error, layer)
    }
  }
  return root
}

/** Adds which layer it is to an error that does not say so. */
export function inLayer(error: unknown, { descriptor: { digest } }: Layer): unknown {
  if (!isWaybillError(error, 'ERR_INVALID_LAYER') || 'digest' in error.details) return error
  return new WaybillError(
    'ERR_INVALID_LAYER',
    error.message.replace(/^layer:/, `layer ${digest}:`),
    {
      hint: error.hint!,
      details: { ...error.details, digest },
      cause: error,
    },
  )
}

/** The parts of a layer's path. @throws {ERR_INVALID_LAYER} when it leads out of the root. */
export function partsOf(path: string): string[] {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.')
  if (parts.includes('..')) throw invalidLayer(`"${path}" leads out of its folder`)
  return parts
}

// Folders by their paths as members write them: most members stand beside the one before them. Forgotten when anything but a file or folder comes.
type FolderCache = Map<string, TreeNode>

interface Origin {
  readonly layer: number
  readonly entry: number
}

// Adds one member of a layer, with whiteouts. OCI image-spec, layer.md.
function applyEntry(root: TreeNode, header: TarHeader, origin: Origin, folders: FolderCache): void {
  const { layer } = origin
  const { parent, name } = parentOf(root, header.path, layer, folders)
  if (name === undefined) {
    root.header = header
    return
  }
  const children = parent.children!
  if (name.startsWith('.wh.')) {
    folders.clear()
    if (name === '.wh..wh..opq') prune(parent, layer)
    else if (!name.startsWith('.wh..wh.')) whiteOut(children, { name, path: header.path }, layer) // else bookkeeping of aufs
    return
  }
  const before = children.get(name)
  const node: TreeNode = { type: header.type, header: withoutContent(header), ...origin }
  if (header.type === 'directory') node.children = before?.children ?? new Map()
  if (!staysFolder(before, header.type)) folders.clear()
  if (header.type === 'hardlink') {
    const target = lookup(root, header.linkname ?? '').node
    if (target !== undefined) node.target = target.target ?? target
  }
  children.set(name, node)
}

// Whether every folder leads where it led before.
const staysFolder = (before: TreeNode | undefined, type: EntryType): boolean =>
  (type === 'file' || type === 'directory') && (before === undefined || before.type === type)

function withoutContent(header: TarHeader): TarHeader {
  if (!('content' in header)) return header
  const { content: _content, ...plain } = header
  return plain
}

function parentOf(
  root: TreeNode,
  path: string,
  layer: number,
  folders: FolderCache,
): { readonly parent: TreeNode; readonly name: string | undefined } {
  const at = path.lastIndexOf('/') + 1
  const [folder, last] = [path.slice(0, at), path.slice(at)]
  const known = isName(last) ? folders.get(folder) : undefined
  if (known !== undefined) return { parent: known, name: last }
  const parts = partsOf(path)
  const name = parts.pop()
  const parent = folderAt(root, parts, layer)
  if (name === last) folders.set(folder, parent)
  return { parent, name }
}

const isName = (part: string): boolean => part !== '' && part !== '.' && part !== '..'

// Some programs remove what the layer itself has brought before, others keep it, others refuse: so do we.
function whiteOut(
  children: Map<string, TreeNode>,
  { name: whiteout, path }: { readonly name: string; readonly path: string },
  layer: number,
): void {
  const name = whiteout.slice('.wh.'.length)
  const node = children.get(name)
  if (node !== undefined && isBroughtBy(node, layer))
    throw invalidLayer(`"${path}" removes what its own layer has brought`)
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

function folderAt(root: TreeNode, parts: readonly string[], layer: number): TreeNode {
  const found = walk(root, parts, (parent, name) => {
    const node: TreeNode = { type: 'directory', layer, entry: -1, children: new Map() }
    parent.children!.set(name, node)
    return node
  })
  if (found.node?.children !== undefined) return found.node
  const reason = found.node === undefined ? found.reason : `${found.path} is no folder`
  throw invalidLayer(`"${parts.join('/')}" cannot hold a file: ${reason}`)
}

/** Finds what stands at an absolute path: links in parent folders are followed, the last part is taken as it is. */
export function lookup(root: TreeNode, path: string): Lookup {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.')
  const name = parts.pop()
  if (name === undefined) return { node: root, path: '/' }
  const parent = walk(root, parts)
  if (parent.node === undefined) return parent
  if (parent.node.children === undefined)
    return { path: parent.path, reason: `${parent.path} is no folder` }
  const real = `${parent.path === '/' ? '' : parent.path}/${name}`
  const node = parent.node.children.get(name)
  return node === undefined || node.type === 'removed' ? missing(real, node) : { node, path: real }
}

/** Finds what an absolute path leads to in the end, every link followed. */
export function follow(root: TreeNode, path: string): Lookup {
  return walk(root, path.split('/'))
}

function missing(path: string, node?: TreeNode): Lookup {
  if (node === undefined) return { path, reason: `${path} is not there` }
  return { path, reason: `${path} was removed by a later layer`, removedBy: node.layer }
}

// As many as Linux follows.
const MOST_LINKS = 40

function walk(
  root: TreeNode,
  parts: readonly string[],
  create?: (parent: TreeNode, name: string) => TreeNode,
): Lookup {
  const stack: { readonly name: string; readonly node: TreeNode }[] = []
  const here = (): TreeNode => stack.at(-1)?.node ?? root
  const path = (): string => `/${stack.map(({ name }) => name).join('/')}`
  const todo = parts.toReversed()
  let links = 0
  while (todo.length > 0) {
    const name = todo.pop()!
    if (name === '' || name === '.') continue
    if (name === '..') {
      stack.pop()
      continue
    }
    const parent = here()
    if (parent.children === undefined) return { path: path(), reason: `${path()} is no folder` }
    let node = parent.children.get(name)
    if (node === undefined || node.type === 'removed') {
      if (create === undefined) return missing(`${path() === '/' ? '' : path()}/${name}`, node)
      node = create(parent, name)
    }
    if (node.type === 'symlink') {
      if (++links > MOST_LINKS) return { path: path(), reason: `too many links at ${path()}` }
      const target = node.header?.linkname ?? ''
      if (target.startsWith('/')) stack.length = 0
      todo.push(...target.split('/').toReversed())
      continue
    }
    stack.push({ name, node })
  }
  return { node: here(), path: path() }
}

function invalidLayer(message: string): WaybillError {
  return new WaybillError('ERR_INVALID_LAYER', `layer: ${message}`, {
    hint: 'The image was not written well; make it again.',
  })
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
