import type { Component } from '@waybill/core'

/** Says which component a path belongs to: the longest folder wins; undefined where it belongs to none, or is excluded. */
export type OwnerOf = (path: string) => number | undefined

/** Prepares the look-up for components; the answer is an index into them. */
export function createOwnerOf(components: readonly Component[]): OwnerOf {
  const tree = createTree(components)
  const excluded = components.map(({ path, exclude = [] }) =>
    exclude.map((entry) =>
      normal(path) === '' ? normal(entry) : `${normal(path)}/${normal(entry)}`,
    ),
  )
  return (path) => {
    const owner = ownerIn(tree, path)
    return owner !== undefined && excluded[owner]!.some((entry) => within(path, entry))
      ? undefined
      : owner
  }
}

/** A folder on the way to components: which one lies here, and what leads further. */
interface Folder {
  owner: number | undefined
  readonly inside: Map<string, Folder>
}

function createTree(components: readonly Component[]): Folder {
  const root: Folder = { owner: undefined, inside: new Map() }
  for (const [index, { path }] of components.entries()) {
    let folder = root
    for (const name of normal(path).split('/')) {
      if (name === '') continue
      const next = folder.inside.get(name) ?? { owner: undefined, inside: new Map() }
      folder.inside.set(name, next)
      folder = next
    }
    folder.owner = index
  }
  return root
}

// Only as many names of the path are looked at as lead to components. A component may also be a single file.
function ownerIn(root: Folder, path: string): number | undefined {
  let { owner } = root
  let folder: Folder | undefined = root
  for (let start = 0; folder.inside.size > 0;) {
    const slash = path.indexOf('/', start)
    folder = folder.inside.get(path.slice(start, slash < 0 ? path.length : slash))
    if (folder === undefined) break
    owner = folder.owner ?? owner
    if (slash < 0) break
    start = slash + 1
  }
  return owner
}

function normal(path: string): string {
  return path
    .replace(/^(?:\.\/)+/, '')
    .replace(/\/+$/, '')
    .replace(/^\.$/, '')
}

function within(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`)
}

/** Says which components a commit's paths belong to, by name. Commits that touch the same components share one list. */
export function createTouches(
  components: readonly Component[],
): (paths: readonly string[]) => readonly string[] {
  const ownerOf = createOwnerOf(components)
  const single = components.map(({ name }) => [name])
  const several = new Map<string, readonly string[]>()
  return (paths) => {
    const owners: number[] = []
    for (const path of paths) {
      const owner = ownerOf(path)
      if (owner !== undefined && !owners.includes(owner)) owners.push(owner)
    }
    if (owners.length === 0) return NONE
    if (owners.length === 1) return single[owners[0]!]!
    const sorted = owners.toSorted((a, b) => a - b)
    const key = sorted.join()
    const names = several.get(key) ?? sorted.map((owner) => components[owner]!.name)
    several.set(key, names)
    return names
  }
}

const NONE: readonly string[] = []
