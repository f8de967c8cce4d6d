import { posix } from 'node:path'
import { compareText, createContext, type ContextOptions, findRoot } from '@waybill/core'
import { toText } from '../locate/tree.ts'
import { readThroughJournal } from '../apply/journal.ts'
import { openFiles, type FileTree } from './file-tree.ts'
import { cargoFolders, readCargo } from './read-cargo.ts'
import { goFolders, readGo } from './read-go.ts'
import { npmFolders, readNpm } from './read-npm.ts'
import type { Workspace, WorkspacePackage } from './types.ts'

export interface ReadWorkspaceOptions extends ContextOptions {
  /** Folders to look at besides the root: those of the components. Their parents are looked at too. */
  readonly paths?: readonly string[]
}

/**
 * Reads the packages of a repository: npm, Cargo and Go workspaces, single packages in `paths`, and plain folders with a `version` file.
 * A manifest that cannot be read counts as absent.
 */
export async function readWorkspace(options: ReadWorkspaceOptions = {}): Promise<Workspace> {
  const root = await findRoot(createContext(options).cwd)
  const files = openFiles(root, await readThroughJournal(root))
  return workspaceOf(files, options.paths ?? [])
}

/** Reads the packages from files that are open already. */
export async function workspaceOf(files: FileTree, paths: readonly string[]): Promise<Workspace> {
  const seeds = withParents(paths)
  const kinds = await Promise.all([npmIn(seeds, files), cargoIn(seeds, files), goIn(seeds, files)])
  const known = kinds.flat()
  const plain = await Promise.all(
    paths
      .filter((path) => known.every((one) => one.path !== path))
      .map((path) => readPlain(path, files)),
  )
  const packages = [...known, ...plain.filter((one) => one !== undefined)]
  return {
    root: files.root,
    packages: packages.toSorted(
      (a, b) => compareText(a.path, b.path) || compareText(a.kind, b.kind),
    ),
    lockFiles: await lockFiles([...seeds, ...packages.map(({ path }) => path)], files),
  }
}

// `a/b/c` brings `.`, `a` and `a/b`: a workspace's root may be any of them.
function withParents(paths: readonly string[]): readonly string[] {
  const found = new Set(['.'])
  for (const path of paths) {
    for (let at = posix.normalize(path); at !== '.' && at !== '/'; at = posix.dirname(at))
      found.add(at)
  }
  return [...found].toSorted(compareText)
}

async function npmIn(
  seeds: readonly string[],
  files: FileTree,
): Promise<readonly WorkspacePackage[]> {
  const folders = await Promise.all(seeds.map((seed) => npmFolders(seed, files)))
  return readNpm([...new Set(folders.flat())], files)
}

// A crate belongs to the highest workspace above it, as for Cargo.
async function cargoIn(
  seeds: readonly string[],
  files: FileTree,
): Promise<readonly WorkspacePackage[]> {
  const done = new Set<string>()
  const found: WorkspacePackage[] = []
  for (const seed of seeds) {
    if (done.has(seed)) continue
    const folders = await cargoFolders(seed, files)
    const own = folders.filter((folder) => !done.has(folder))
    for (const folder of own) done.add(folder)
    found.push(...(await readCargo(seed, own, files)))
  }
  return found
}

async function goIn(
  seeds: readonly string[],
  files: FileTree,
): Promise<readonly WorkspacePackage[]> {
  const folders = await Promise.all(seeds.map((seed) => goFolders(seed, files)))
  return readGo([...new Set(folders.flat())], files)
}

async function readPlain(path: string, files: FileTree): Promise<WorkspacePackage | undefined> {
  for (const name of ['version', 'VERSION', 'version.txt']) {
    const manifest = posix.join(path, name)
    const bytes = await files.read(manifest)
    if (bytes === undefined) continue
    const version = toText(bytes)
      .trim()
      .replace(/^v(?=\d)/, '')
    const common = { inheritsFrom: null, private: false, dependencies: [] } as const
    return { name: posix.basename(path), path, kind: 'plain', manifest, version, ...common }
  }
  return undefined
}

async function lockFiles(folders: readonly string[], files: FileTree): Promise<readonly string[]> {
  const names = ['package-lock.json', 'npm-shrinkwrap.json', 'Cargo.lock']
  const paths = [...new Set(folders)].flatMap((folder) =>
    names.map((name) => posix.join(folder, name)),
  )
  const found = await Promise.all(
    paths.map(async (path) => ((await files.read(path)) === undefined ? [] : [path])),
  )
  return found.flat().toSorted(compareText)
}
