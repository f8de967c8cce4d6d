import type { TreeNode } from './tree-node.ts'

export type Lookup =
  | { readonly node: TreeNode; readonly path: string }
  | {
      readonly node?: undefined
      readonly path: string
      readonly reason: string
      /** The layer that removed it, where one did. */
      readonly removedBy?: number
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

/** Goes a path part by part, every link followed; `create` makes what is not there. */
export function walk(
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
