import { posix } from 'node:path'
import { stringifyKeyPath } from '../locate/key-path.ts'
import { childOf, itemsAt, membersAt, nodeAt, stringAt, type DocumentNode } from '../locate/tree.ts'
import { cargoToNpmRange } from './ranges.ts'
import { expandGlobs } from './expand-globs.ts'
import { placeOfKeys, type FileTree } from './file-tree.ts'
import type { DependencyKind, TextPlace, WorkspaceDependency, WorkspacePackage } from './types.ts'

const TABLES: readonly (readonly [string, DependencyKind])[] = [
  ['dependencies', 'dependencies'],
  ['build-dependencies', 'dependencies'],
  ['dev-dependencies', 'devDependencies'],
]

interface CargoRoot {
  readonly folder: string
  readonly manifest: string
  readonly tree: DocumentNode
}

interface Asked {
  /** The folder of the crate, where it is one of the repository's. */
  readonly path: string | undefined
  readonly place: TextPlace | undefined
}

/** The folders of the Cargo workspace, or single crate, whose root is `folder`; path dependencies inside it are members, as for Cargo. */
export async function cargoFolders(folder: string, files: FileTree): Promise<readonly string[]> {
  const root = await files.tree(posix.join(folder, 'Cargo.toml'))
  if (root === undefined) return []
  const excluded = await expandGlobs(
    folder,
    texts(itemsAt(root, ['workspace', 'exclude'])),
    files.list,
  )
  const members = await expandGlobs(
    folder,
    texts(itemsAt(root, ['workspace', 'members'])),
    files.list,
  )
  const found = new Set<string>()
  const queue = [folder, ...members]
  for (let path = queue.shift(); path !== undefined; path = queue.shift()) {
    if (found.has(path) || excluded.some((other) => path === other)) continue
    const tree = await files.tree(posix.join(path, 'Cargo.toml'))
    if (tree === undefined) continue
    found.add(path)
    queue.push(...pathDependencies(path, tree).filter((below) => isBelow(below, folder)))
  }
  return [...found]
}

const texts = (nodes: readonly DocumentNode[]): string[] =>
  nodes.flatMap((node) => (node.kind === 'scalar' ? [String(node.value)] : []))

const isBelow = (path: string, folder: string): boolean =>
  folder === '.' ? !path.startsWith('..') : path.startsWith(`${folder}/`)

function pathDependencies(folder: string, tree: DocumentNode): string[] {
  const lists = [...tablesOf(tree).map(({ keys }) => keys), ['workspace', 'dependencies']]
  return lists
    .flatMap((keys) => membersAt(tree, keys))
    .flatMap(([, node]) => stringAt(node, ['path']) ?? [])
    .map((path) => posix.join(folder, path))
}

interface DependencyTable {
  readonly keys: readonly string[]
  readonly kind: DependencyKind
}

function tablesOf(tree: DocumentNode): readonly DependencyTable[] {
  const targets = membersAt(tree, ['target']).map(([name]) => ['target', name])
  return [[], ...targets].flatMap((before) =>
    TABLES.map(([table, kind]) => ({ keys: [...before, table], kind })),
  )
}

/** Reads the crates in the folders of one workspace. */
export async function readCargo(
  folder: string,
  folders: readonly string[],
  files: FileTree,
): Promise<readonly WorkspacePackage[]> {
  const manifest = posix.join(folder, 'Cargo.toml')
  const tree = await files.tree(manifest)
  if (tree === undefined) return []
  const root = { folder, manifest, tree }
  const found = await Promise.all(folders.map((path) => readCrate(path, root, files)))
  const known = new Set(folders)
  return found
    .filter((one) => one !== undefined)
    .map((one) => ({
      ...one,
      dependencies: one.dependencies.filter(({ path }) => known.has(path)),
    }))
}

async function readCrate(
  path: string,
  root: CargoRoot,
  files: FileTree,
): Promise<WorkspacePackage | undefined> {
  const manifest = posix.join(path, 'Cargo.toml')
  const tree = await files.tree(manifest)
  const name = stringAt(tree, ['package', 'name'])
  if (tree === undefined || name === undefined) return undefined
  const inherits = nodeAt(tree, ['package', 'version', 'workspace']) !== undefined
  const version = inherits
    ? stringAt(root.tree, ['workspace', 'package', 'version'])
    : stringAt(tree, ['package', 'version'])
  const publish = nodeAt(tree, ['package', 'publish'])
  return {
    name,
    path,
    kind: 'cargo',
    manifest,
    version: version ?? null,
    inheritsFrom: inherits ? root.manifest : null,
    private: publish?.kind === 'scalar' && publish.value === false,
    dependencies: tablesOf(tree).flatMap((table) =>
      dependencies(table, { path, manifest, tree }, root),
    ),
  }
}

interface Crate {
  readonly path: string
  readonly manifest: string
  readonly tree: DocumentNode
}

function dependencies(
  { keys, kind }: DependencyTable,
  crate: Crate,
  root: CargoRoot,
): readonly WorkspaceDependency[] {
  return membersAt(crate.tree, keys).flatMap(([alias, node]) => {
    const shared = childOf(node, 'workspace') !== undefined
    const asked = shared
      ? askedAt(root.tree, ['workspace', 'dependencies', alias], root.folder, root.manifest)
      : askedAt(crate.tree, [...keys, alias], crate.path, crate.manifest)
    if (asked.path === undefined) return []
    const source = shared ? nodeAt(root.tree, ['workspace', 'dependencies', alias]) : node
    return [
      {
        name: stringAt(source, ['package']) ?? alias,
        path: asked.path,
        kind,
        range: asked.place === undefined ? 'workspace:*' : cargoToNpmRange(asked.place.text),
        place: asked.place ?? null,
      },
    ]
  })
}

function askedAt(
  tree: DocumentNode,
  keys: readonly string[],
  folder: string,
  manifest: string,
): Asked {
  const path = stringAt(tree, [...keys, 'path'])
  const version = [...keys, 'version']
  return {
    path: path === undefined ? undefined : posix.join(folder, path),
    place: placeOfKeys(tree, version, { path: manifest, at: stringifyKeyPath(version) }),
  }
}
