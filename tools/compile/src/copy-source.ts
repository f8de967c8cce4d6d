import { constants, type Stats } from 'node:fs'
import { cp, lstat, lutimes, mkdir, readdir } from 'node:fs/promises'
import { join, relative } from 'node:path'
import type { BuildSource } from './toolchain.ts'

export interface CopySourceOptions {
  /** Absolute paths that are left out beside git's data and Waybill's own. */
  readonly excluded: readonly string[]
}

/** Copies a repository's files to an empty folder. */
export async function copySource(
  source: BuildSource,
  root: string,
  { excluded }: CopySourceOptions,
): Promise<BuildSource> {
  const left = new Set([...excluded, join(source.root, '.git'), join(source.root, '.waybill')])
  await mkdir(root, { recursive: true })
  await cp(source.root, root, {
    recursive: true,
    preserveTimestamps: false,
    verbatimSymlinks: true,
    mode: constants.COPYFILE_FICLONE,
    filter: async (path) => !left.has(path) && isSource(await lstat(path)),
  })
  return { root, folder: join(root, relative(source.root, source.folder)) }
}

// Sockets and pipes cannot be copied, and are no source.
const isSource = (stats: Stats): boolean =>
  stats.isFile() || stats.isDirectory() || stats.isSymbolicLink()

/** Gives everything in a folder one time, in seconds. */
export async function setTimes(folder: string, seconds: number): Promise<void> {
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true }))
    await lutimes(join(entry.parentPath, entry.name), seconds, seconds)
}
