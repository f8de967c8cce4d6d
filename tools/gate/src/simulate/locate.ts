import { asObject } from '../plain.ts'
import { manifestName } from './manifest-name.ts'
import type { ReadText } from './read-text.ts'
import type { Past } from './setting.ts'

/** A package that existed at a commit. */
export interface PastPackage {
  readonly name: string
  readonly folder: string
}

/** Finds packages by name, as they lay at a commit. */
export interface Locator {
  packagesAt(commit: string): readonly PastPackage[]
  /** The folder of a name; the root where nothing better is known. */
  folderOf(name: string, commit: string): string
}

/** Prepares a locator over manifests (`package.json`, `Cargo.toml`), read at each release. */
export async function createLocator(
  past: Past,
  manifest: string,
  readText: ReadText,
): Promise<Locator> {
  const folders = manifestFolders(past, manifest)
  const paths = folders.map((folder) => (folder === '.' ? manifest : `${folder}/${manifest}`))
  await past.snapshots.load([...new Set(past.releases.map(({ commit }) => commit))], paths)
  const known = new Map<string, readonly PastPackage[]>()
  const packagesAt = (commit: string): readonly PastPackage[] => {
    const before = known.get(commit)
    if (before !== undefined) return before
    const packages = folders.flatMap((folder) => {
      const name = manifestName(folder, commit, { snapshots: past.snapshots, readText })
      return name === undefined ? [] : [{ name, folder }]
    })
    known.set(commit, packages)
    return packages
  }
  return { packagesAt, folderOf: (name, commit) => folderOf(name, packagesAt(commit)) }
}

// Packages inside tests and dependencies are nobody's release.
const FOREIGN =
  /(?:^|\/)(?:node_modules|fixtures?|__fixtures__|__tests__|testdata|vendor|target)(?:\/|$)/

function manifestFolders({ history }: Past, manifest: string): string[] {
  const folders = new Set<string>()
  for (const { paths } of history.commits) {
    for (const path of paths) {
      if (path === manifest) folders.add('.')
      else if (path.endsWith(`/${manifest}`)) folders.add(path.slice(0, -manifest.length - 1))
    }
  }
  return [...folders].filter((folder) => !FOREIGN.test(folder)).toSorted()
}

function folderOf(name: string, packages: readonly PastPackage[]): string {
  if (name === '') return '.'
  const same = packages.find((one) => one.name === name)
  const bare = name.replace(/^@[^/]+\//, '')
  const like = packages.filter(
    ({ folder }) => folder === name || folder === bare || folder.endsWith(`/${bare}`),
  )
  return same?.folder ?? (like.length > 0 ? like[0]!.folder : '.')
}

/** A manifest's dependencies of the given kinds: name to range. */
export function dependenciesOf(manifest: unknown, kinds: readonly string[]): Map<string, string> {
  const all = kinds.flatMap((kind) => Object.entries(asObject(asObject(manifest)[kind])))
  return new Map(all.map(([name, range]) => [name, String(range)]))
}
