import { lstat, lutimes, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'

/** What a cache may grow to, in bytes. */
export const CACHE_LIMIT: number = 2 * 1024 ** 3

const IN_USE = 3_600_000

/**
 * Removes the files below a folder, the longest unused first, until the rest has at most `limit` bytes. What was used within an hour of the latest use may
 * be in use by a process that runs, and stays. A file that cannot be removed is left for the next time. A link in the folder's place leads elsewhere:
 * nothing is removed then.
 */
export async function pruneFolder(folder: string, limit: number = CACHE_LIMIT): Promise<void> {
  if ((await lstat(folder).catch(() => undefined))?.isDirectory() !== true) return
  const files = (await listFiles(folder)).toSorted((a, b) => a.used - b.used)
  const latest = files.at(-1)?.used ?? 0
  let total = files.reduce((sum, { size }) => sum + size, 0)
  for (const { path, size, used } of files) {
    if (total <= limit || used > latest - IN_USE) return
    total -= size
    await rm(path, { force: true }).catch(() => {})
  }
}

/**
 * Notes that a file of a cache was used, which keeps it from being pruned; one that was used a short while ago is left as it is.
 * Only here does a cache ask the clock.
 */
export async function markUsed(file: string): Promise<void> {
  const now = new Date()
  const { mtimeMs } = await lstat(file).catch(() => ({ mtimeMs: Number.POSITIVE_INFINITY }))
  if (now.getTime() - mtimeMs > IN_USE / 2) await lutimes(file, now, now).catch(() => {})
}

interface CachedFile {
  readonly path: string
  readonly size: number
  /** Milliseconds. */
  readonly used: number
}

// Not readdir's own recursion: in Node 20 it follows links, and what they lead to is not the cache's.
async function listFiles(folder: string): Promise<CachedFile[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => [])
  const found = entries.map(async (entry): Promise<CachedFile[]> => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return listFiles(path)
    // Another process may prune at the same time.
    const stats = entry.isFile() ? await lstat(path).catch(() => undefined) : undefined
    return stats === undefined ? [] : [{ path, size: stats.size, used: stats.mtimeMs }]
  })
  return (await Promise.all(found)).flat()
}
