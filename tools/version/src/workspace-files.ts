import { stat } from 'node:fs/promises'
import { posix } from 'node:path'
import { asFileError, insideRepository, readInside, WaybillError } from '@waybill/core'

/** Reads a repository's files by their path from its root; undefined where there is none. */
export type ReadBytes = (path: string) => Promise<Uint8Array | undefined>

/** Joins a path in a component's folder; with a leading `/` it starts at the repository's root. @throws {ERR_OUTSIDE_REPOSITORY} */
export function joinPath(folder: string, path: string): string {
  const joined = path.startsWith('/')
    ? posix.normalize(path.slice(1))
    : posix.normalize(posix.join(folder, path))
  if (joined === '..' || joined.startsWith('../')) throw outside(path)
  return joined
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
  const place = await insideRepository(root, path)
  const facts = await stat(place).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined
    throw asFileError(error, path)
  })
  if (facts === undefined || facts.isDirectory()) return undefined
  return readInside(insideRepository, root, path).catch((error: unknown) => {
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
