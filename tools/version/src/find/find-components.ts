import { posix } from 'node:path'
import {
  compareText,
  createContext,
  createGit,
  type Component,
  type ContextOptions,
} from '@waybill/core'
import { readWorkspace } from '../workspace/read-workspace.ts'
import type { WorkspacePackage } from '../workspace/types.ts'
import { readTagSeries, type TagSeries } from './tag-series.ts'

/** A folder that may be a component: a package of a workspace, or any folder there is. */
interface Place {
  readonly name: string
  readonly path: string
}

/** Finds the components of a repository that has no definition: by its tags, and by its npm, Cargo and Go workspaces. */
export async function findComponents(options: ContextOptions = {}): Promise<Component[]> {
  // A manifest that cannot be read names nothing; the tags still do.
  const { packages } = await readWorkspace(options).catch(() => ({ packages: [] }))
  const series = await readTagSeries(options)
  const named = series.filter(({ name }) => name !== '')
  const folders = named.length === 0 ? [] : await readFolders(options)
  const tagged = placeAll(named, packages, folders)
  const root = series.find(({ name }) => name === '')
  const untagged = root !== undefined && tagged.length === 0 ? [] : neverTagged(packages, tagged)
  const found = [...tagged, ...untagged].toSorted((a, b) => compareText(a.path, b.path))
  const hasRoot = found.some(({ path }) => path === '.')
  if (hasRoot || (root === undefined && found.length > 0)) return found
  return [{ name: '.', path: '.', tag: root?.tag ?? 'v{version}' }, ...found]
}

// One component a folder: the series whose name fits best is the one in use.
function placeAll(
  named: readonly TagSeries[],
  packages: readonly Place[],
  folders: readonly Place[],
): Component[] {
  const byPath = new Map<string, Component>()
  const rules = [isCalled, isBare, lies, ends]
  for (const rule of rules) {
    for (const { name, tag } of named) {
      if ([...byPath.values()].some((known) => known.name === name)) continue
      const place = [...packages, ...folders].find((one) => rule(one, name))
      if (place !== undefined && !byPath.has(place.path))
        byPath.set(place.path, { name, path: place.path, tag })
    }
  }
  return [...byPath.values()]
}

const withoutScope = (name: string): string => name.replace(/^@[^/]+\//, '')
const isCalled = (place: Place, name: string): boolean => place.name === name
const isBare = (place: Place, name: string): boolean =>
  withoutScope(place.name) === withoutScope(name)
const lies = ({ path }: Place, name: string): boolean => path === name
const ends = ({ path }: Place, name: string): boolean => posix.basename(path) === withoutScope(name)

// A package that is published, but was never released, is tagged as its siblings are, or as its kind usually is.
function neverTagged(
  packages: readonly WorkspacePackage[],
  tagged: readonly Component[],
): Component[] {
  const [sibling] = tagged
  return packages
    .filter((one) => one.path !== '.' && isPublished(one))
    .filter(({ path }) => tagged.every((known) => known.path !== path))
    .map(({ name, path, kind }) => ({
      name,
      path,
      tag: sibling === undefined ? USUAL[kind] : likeSibling(sibling, packages),
    }))
}

const isPublished = (one: WorkspacePackage): boolean =>
  !one.private && (one.kind === 'go' || one.version !== null)

const USUAL: Readonly<Record<WorkspacePackage['kind'], string>> = {
  npm: '{name}@{version}',
  cargo: '{name}-v{version}',
  go: '{path}/v{version}',
  plain: '{name}-v{version}',
}

function likeSibling({ name, path, tag }: Component, packages: readonly Place[]): string {
  const known = packages.find((one) => one.path === path)
  return path === name && known?.name !== name
    ? tag.replace(name, '{path}')
    : tag.replace(name, '{name}')
}

// Folders of tests and dependencies are nobody's release.
const FOREIGN = /(?:^|\/)(?:node_modules|fixtures?|__fixtures__|testdata|vendor|target)(?:\/|$)/

const depth = (path: string): number => path.split('/').length

// The ones nearest to the root first.
async function readFolders(options: ContextOptions): Promise<Place[]> {
  const args = ['ls-tree', '-r', '-d', '-z', '--name-only', '--full-tree', 'HEAD']
  const paths = (await createGit(createContext(options)).text(args)).split('\0')
  return paths
    .filter((path) => path !== '' && !FOREIGN.test(path))
    .toSorted((a, b) => depth(a) - depth(b) || compareText(a, b))
    .map((path) => ({ name: path, path }))
}
