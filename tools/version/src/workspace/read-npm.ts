import { posix } from 'node:path'
import { stringifyKeyPath } from '../locate/key-path.ts'
import { childOf, itemsAt, membersAt, stringAt, type DocumentNode } from '../locate/tree.ts'
import { expandGlobs } from './expand-globs.ts'
import { placeOfKeys, type FileTree } from './file-tree.ts'
import type { DependencyKind, WorkspaceDependency, WorkspacePackage } from './types.ts'

const KINDS: readonly DependencyKind[] = [
  'dependencies',
  'devDependencies',
  'peerDependencies',
  'optionalDependencies',
]

interface Found {
  readonly path: string
  readonly manifest: string
  readonly tree: DocumentNode
}

/** The folders of the npm (or yarn, pnpm, bun) workspace whose root is `folder`; the root itself is the first. */
export async function npmFolders(folder: string, files: FileTree): Promise<readonly string[]> {
  const root = await files.tree(posix.join(folder, 'package.json'))
  if (root === undefined) return []
  const pnpm = await files.tree(posix.join(folder, 'pnpm-workspace.yaml'))
  const lists = [
    itemsAt(root, ['workspaces']),
    itemsAt(root, ['workspaces', 'packages']),
    itemsAt(pnpm, ['packages']),
  ]
  const patterns = lists.flat().flatMap(textOf)
  return [folder, ...(await expandGlobs(folder, patterns, files.list))]
}

const textOf = (node: DocumentNode): string[] =>
  node.kind === 'scalar' && typeof node.value === 'string' ? [node.value] : []

/** Reads the npm packages in these folders; a folder without a named package.json is none. */
export async function readNpm(
  folders: readonly string[],
  files: FileTree,
): Promise<readonly WorkspacePackage[]> {
  const found = await Promise.all(folders.map((path) => find(path, files)))
  const here = found.filter((one) => one !== undefined)
  const byName = new Map(here.map((one) => [stringAt(one.tree, ['name'])!, one]))
  return here.map((one) => ({
    name: stringAt(one.tree, ['name'])!,
    path: one.path,
    kind: 'npm',
    manifest: one.manifest,
    version: stringAt(one.tree, ['version']) ?? null,
    inheritsFrom: null,
    private: isPrivate(one.tree),
    dependencies: KINDS.flatMap((kind) => dependencies(one, kind, byName)),
  }))
}

async function find(path: string, files: FileTree): Promise<Found | undefined> {
  const manifest = posix.join(path, 'package.json')
  const tree = await files.tree(manifest)
  return stringAt(tree, ['name']) === undefined ? undefined : { path, manifest, tree: tree! }
}

function isPrivate(tree: DocumentNode): boolean {
  const node = childOf(tree, 'private')
  return node?.kind === 'scalar' && node.value === true
}

function dependencies(
  { tree, manifest, path }: Found,
  kind: DependencyKind,
  byName: ReadonlyMap<string, Found>,
): readonly WorkspaceDependency[] {
  return membersAt(tree, [kind]).flatMap(([name]) => {
    const target = byName.get(name)
    const keys = [kind, name]
    const place = placeOfKeys(tree, keys, { path: manifest, at: stringifyKeyPath(keys) })
    if (target === undefined || place === undefined || target.path === path) return []
    return [{ name, path: target.path, kind, range: place.text, place }]
  })
}
