import { randomBytes } from 'node:crypto'
import { open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { makeFolder } from '@waybill/core'

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
