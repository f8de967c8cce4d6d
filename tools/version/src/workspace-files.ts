import { readFile, realpath, stat } from 'node:fs/promises'
import { dirname, join, posix, relative, resolve, sep } from 'node:path'
import { asFileError, WaybillError } from '@waybill/core'

/** Reads a repository's files by their path from its root; undefined where there is none. */
export type ReadBytes = (path: string) => Promise<Uint8Array | undefined>

/** The folder that holds `.git`, from `cwd` upwards; `cwd` itself where there is none. */
export async function findRoot(cwd: string): Promise<string> {
  for (let folder = cwd; ; folder = dirname(folder)) {
    const found = await stat(join(folder, '.git')).catch(() => undefined)
    if (found !== undefined) return folder
    if (dirname(folder) === folder) return cwd
  }
}

/** Joins a path in a component's folder; with a leading `/` it starts at the repository's root. @throws {ERR_OUTSIDE_REPOSITORY} */
export function joinPath(folder: string, path: string): string {
  const joined = path.startsWith('/')
    ? posix.normalize(path.slice(1))
    : posix.normalize(posix.join(folder, path))
  if (joined === '..' || joined.startsWith('../')) throw outside(path)
  return joined
}

/** Where a file really lies: symbolic links are followed, never out of the repository. @throws {ERR_OUTSIDE_REPOSITORY} */
export async function placeOf(root: string, path: string): Promise<string> {
  const place = resolve(root, path)
  const found = await realpath(place).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined
    throw asFileError(error, path)
  })
  const real = found ?? join(await realParent(place), place.slice(place.lastIndexOf(sep) + 1))
  const inside = relative(await realpath(root), real)
  if (inside === '..' || inside.startsWith(`..${sep}`)) throw outside(path)
  return real
}

async function realParent(place: string): Promise<string> {
  const parent = dirname(place)
  if (parent === place) return parent
  return realpath(parent).catch(async () =>
    join(await realParent(parent), parent.slice(parent.lastIndexOf(sep) + 1)),
  )
}

/** Reads files below `root`, each at most once. */
export function fileReader(root: string): ReadBytes {
  const known = new Map<string, Promise<Uint8Array | undefined>>()
  return (path) => {
    const found = known.get(path) ?? readAt(root, path)
    known.set(path, found)
    return found
  }
}

async function readAt(root: string, path: string): Promise<Uint8Array | undefined> {
  const place = await placeOf(root, path)
  return readFile(place).catch((error: NodeJS.ErrnoException) => {
    if (['ENOENT', 'ENOTDIR', 'EISDIR'].includes(error.code ?? '')) return undefined
    throw asFileError(error, path)
  })
}

function outside(path: string): WaybillError {
  return new WaybillError('ERR_OUTSIDE_REPOSITORY', `${path} leads out of the repository`, {
    hint: 'Version files are kept in the repository; name them relative to the component’s folder, or from the root with a leading /.',
    outcome: 'usage',
    details: { path },
  })
}
