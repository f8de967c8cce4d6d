import type { Component } from '@waybill/core'

/** Says which component a path belongs to: the longest folder wins; undefined where it belongs to none, or is excluded. */
export type OwnerOf = (path: string) => number | undefined

/** Prepares the look-up for components; the answer is an index into them. */
export function createOwnerOf(components: readonly Component[]): OwnerOf {
  const byFolder = new Map(components.map(({ path }, index) => [normal(path), index]))
  const excluded = components.map(({ path, exclude = [] }) =>
    exclude.map((entry) =>
      normal(path) === '' ? normal(entry) : `${normal(path)}/${normal(entry)}`,
    ),
  )
  const byParent = new Map<string, number | undefined>()
  const ownerOfFolder = (folder: string): number | undefined => {
    if (byParent.has(folder)) return byParent.get(folder)
    const up = folder.lastIndexOf('/')
    const owner =
      byFolder.get(folder) ??
      (folder === '' ? undefined : ownerOfFolder(up < 0 ? '' : folder.slice(0, up)))
    byParent.set(folder, owner)
    return owner
  }
  return (path) => {
    const slash = path.lastIndexOf('/')
    // A component may also be a single file.
    const owner = byFolder.get(path) ?? ownerOfFolder(slash < 0 ? '' : path.slice(0, slash))
    return owner !== undefined && excluded[owner]!.some((entry) => within(path, entry))
      ? undefined
      : owner
  }
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
