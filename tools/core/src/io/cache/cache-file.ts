import { randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { lstat, open, rename, rm, type FileHandle } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { ByteStream } from '../../values/bytes.ts'
import type { Digest } from '../../values/digest.ts'
import { makeFolder } from '../files/files.ts'

/** Where a cache keeps content, by its digest. */
export const cachedBlob = (folder: string, digest: Digest): string =>
  join(folder, 'blobs', ...digest.split(':'))

// A link would lead elsewhere, and a pipe would be waited for without end.
const FLAGS = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0)

/** Opens a regular file of a cache; undefined where there is none, or a link, a folder, a pipe in its place. Whoever opens it closes it. */
export async function openCacheFile(path: string): Promise<FileHandle | undefined> {
  const file = await open(path, FLAGS).catch(() => undefined)
  const stats = await file?.stat().catch(() => undefined)
  if (stats?.isFile() === true) return file
  await file?.close().catch(() => {})
  return undefined
}

/** Reads a file of a cache; undefined where there is none, something else in its place, or more than `most` bytes. */
export async function readCacheFile(
  path: string,
  most: number = 64 * 1024 * 1024,
): Promise<Buffer | undefined> {
  const file = await openCacheFile(path)
  if (file === undefined) return undefined
  try {
    return (await file.stat()).size > most ? undefined : await file.readFile()
  } catch {
    return undefined
  } finally {
    await file.close()
  }
}

/**
 * Puts a file into a cache, whole or not at all; false where that cannot be done (a full disk, a closed folder), which is no failure: a cache
 * costs time only. It is not synced, since what a cache gives back is checked.
 */
export async function writeCacheFile(
  path: string,
  chunks: Iterable<Uint8Array> | ByteStream,
  mode = 0o600,
): Promise<boolean> {
  const temporary = `${path}.${process.pid}.${randomBytes(4).toString('hex')}.tmp`
  try {
    await makeFolder(dirname(path), 0o700)
    const file = await open(temporary, 'wx', mode)
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

/** Why what lies at a path may have been written by somebody else; undefined where only this user could, or where there is nothing. */
export async function whyForeign(path: string, closed = 0o022): Promise<string | undefined> {
  const stats = await lstat(path).catch(() => undefined)
  // Where a system has no users by number, its folders are the user's own.
  if (stats === undefined || process.getuid === undefined) return undefined
  if (stats.uid !== process.getuid()) return `it belongs to another user (${stats.uid})`
  const mode = stats.mode & 0o777
  if (stats.isSymbolicLink() || (mode & closed) === 0) return undefined
  const others = (mode & closed & 0o022) === 0 ? 'read' : 'write to'
  return `others may ${others} it (its mode is 0${mode.toString(8)})`
}
