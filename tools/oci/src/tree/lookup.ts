import { mountedAt } from './mounted.ts'
import type { TreeNode } from './tree-node.ts'

export type Lookup =
  | { readonly node: TreeNode; readonly path: string; readonly mounted?: undefined }
  | {
      readonly node?: undefined
      readonly path: string
      readonly reason: string
      /** The layer that removed it, where one did. */
      readonly removedBy?: number
      /** The place that something is mounted over, where the path leads there: nobody can say what is at it. */
      readonly mounted?: string
    }

/**
 * Finds what is at an absolute path: links in parent folders are followed, the last part is taken as it is. A path that leads to one of the `mounted`
 * places, or through it, leads to nothing.
 */
export function lookup(root: TreeNode, path: string, mounted: readonly string[] = []): Lookup {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.')
  const said = mountedOver(`/${parts.join('/')}`, mounted)
  if (said !== undefined) return said
  const name = parts.pop()
  if (name === undefined) return { node: root, path: '/' }
  const parent = walk(root, parts, { mounted })
  if (parent.node === undefined) return parent
  if (parent.node.children === undefined)
    return { path: parent.path, reason: `${parent.path} is no folder` }
  const real = `${parent.path === '/' ? '' : parent.path}/${name}`
  const over = mountedOver(real, mounted)
  if (over !== undefined) return over
  const node = parent.node.children.get(name)
  return node === undefined || node.type === 'removed' ? missing(real, node) : { node, path: real }
}

/** Finds what an absolute path leads to in the end, every link followed; to nothing by way of one of the `mounted` places. */
export function follow(root: TreeNode, path: string, mounted: readonly string[] = []): Lookup {
  return walk(root, path.split('/'), { mounted })
}

function missing(path: string, node?: TreeNode): Lookup {
  if (node === undefined) return { path, reason: `${path} is not there` }
  return { path, reason: `${path} was removed by a later layer`, removedBy: node.layer }
}

function mountedOver(path: string, places: readonly string[]): Lookup | undefined {
  const mounted = mountedAt(path, places)
  if (mounted === undefined) return undefined
  const reason = `${path} is in a place where engines mount their own files, ${mounted}`
  return { path, reason, mounted }
}

// As many as Linux follows.
const MAX_LINKS = 40

interface Walker {
  /** Makes what is not there. */
  create?(parent: TreeNode, name: string): TreeNode
  readonly mounted?: readonly string[]
}

/** Goes a path part by part, every link followed; a hard link to a link is one. */
export function walk(
  root: TreeNode,
  parts: readonly string[],
  { create, mounted = [] }: Walker = {},
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
    const at = `${path() === '/' ? '' : path()}/${name}`
    const over = mountedOver(at, mounted)
    if (over !== undefined) return over
    if (parent.children === undefined) return { path: path(), reason: `${path()} is no folder` }
    let node = parent.children.get(name)
    if (node === undefined || node.type === 'removed') {
      if (create === undefined) {
        const whole = [at, ...todo.toReversed()].filter((part) => part !== '' && part !== '.')
        return mountedOver(whole.join('/'), mounted) ?? missing(at, node)
      }
      node = create(parent, name)
    }
    const link = node.target?.type === 'symlink' ? node.target : node
    if (link.type === 'symlink') {
      if (++links > MAX_LINKS) return { path: path(), reason: `too many links at ${path()}` }
      const target = link.header?.linkname ?? ''
      if (target.startsWith('/')) stack.length = 0
      todo.push(...target.split('/').toReversed())
      continue
    }
    stack.push({ name, node })
  }
  return { node: here(), path: path() }
}
