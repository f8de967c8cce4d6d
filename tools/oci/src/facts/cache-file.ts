import { randomBytes } from 'node:crypto'
import { open, readFile, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { makeFolder, type Digest } from '@waybill/core'

/** Where a cache keeps content, by its digest. */
export const cachedBlob = (cache: string, digest: Digest): string =>
  join(cache, 'blobs', ...digest.split(':'))

/** A file of a cache; undefined where there is none, or something else in its place, which could be waited for without end. */
export async function readCacheFile(path: string): Promise<Buffer | undefined> {
  try {
    return (await stat(path)).isFile() ? await readFile(path) : undefined
  } catch {
    return undefined
  }
}

/**
 * Puts a file into a cache, whole or not at all. It is not synced: what a cache gives back is checked anyway, and a cache that cannot be
 * written (full, read-only) is no failure.
 */
export async function writeCacheFile(
  path: string,
  chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): Promise<boolean> {
  const temporary = `${path}.${process.pid}.${randomBytes(4).toString('hex')}.tmp`
  try {
    await makeFolder(dirname(path))
    const file = await open(temporary, 'wx', 0o644)
    try {
      for await (const chunk of chunks) await file.writeFile(chunk)
    } finally {
      await file.close()
    }
    await rename(temporary, path)
    return true
  } catch {
    await rm(temporary, { force: true }).catch(() => {})
    return false
  }
}
