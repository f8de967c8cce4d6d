import { createHash, randomBytes } from 'node:crypto'
import { link, open, rm, lstat } from 'node:fs/promises'
import { dirname, isAbsolute, join } from 'node:path'
import { readCacheFile, whyForeign } from './cache-file.ts'
import { messageOf } from '../../values/error.ts'
import { makeFolder } from '../files/files.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** What records of a cache are signed with. */
export interface CacheKey {
  readonly bytes: Uint8Array
  /** `variable`: from WAYBILL_CACHE_KEY, so that what other machines wrote is believed too. */
  readonly from: 'file' | 'variable'
}

/** The environment variable that gives the key, for machines that begin empty. */
export const CACHE_KEY_VARIABLE = 'WAYBILL_CACHE_KEY'

const SIZE = 32
const SHORTEST = 16

/** A folder of this user's after the XDG base directory specification, where relative paths do not count; undefined where the environment names none. */
export function userFolder(env: Environment, variable: string, below: string): string | undefined {
  const given = env[variable]
  if (given !== undefined && isAbsolute(given)) return join(given, 'waybill')
  const home = env['HOME'] || env['USERPROFILE']
  return home !== undefined && isAbsolute(home) ? join(home, below, 'waybill') : undefined
}

/** Where the key lies; never beside the cache, since both would be restored together. */
export const cacheKeyFile = (env: Environment): string | undefined => {
  const folder = userFolder(env, 'XDG_STATE_HOME', '.local/state')
  return folder === undefined ? undefined : join(folder, 'cache.key')
}

/** The key of this user's caches, made where there is none; or why there is none, as the end of a sentence. */
export async function readCacheKey(env: Environment): Promise<CacheKey | string> {
  const given = env[CACHE_KEY_VARIABLE]?.trim() ?? ''
  // A job that may not see the secret gets an empty one.
  if (given.length >= SHORTEST)
    return { bytes: createHash('sha256').update(given).digest(), from: 'variable' }
  if (given !== '') return `${CACHE_KEY_VARIABLE} has fewer than ${SHORTEST} characters`
  const file = cacheKeyFile(env)
  if (file === undefined) return 'neither XDG_STATE_HOME nor HOME names a folder for its key'
  try {
    return await keyOf(file)
  } catch (error) {
    return `its key ${file} cannot be made (${messageOf(error)})`
  }
}

async function keyOf(file: string): Promise<CacheKey | string> {
  const folder = dirname(file)
  for (let attempt = 0; attempt < 3; attempt++) {
    const why = (await whyForeign(folder)) ?? (await whyForeign(file, 0o077))
    if (why !== undefined) return `its key ${file} may be known to others: ${why}`
    const bytes = await readCacheFile(file, SIZE)
    if (bytes?.byteLength === SIZE) return { bytes, from: 'file' }
    await removeBroken(file)
    await makeKey(file)
  }
  return `its key ${file} cannot be read`
}

// Cut short by a full disk or a loss of power; a folder stays, and then there is no key.
async function removeBroken(file: string): Promise<void> {
  const stats = await lstat(file).catch(() => undefined)
  if (stats !== undefined && !stats.isDirectory()) await rm(file, { force: true })
}

// Linked into its place when it is whole: of two first runs, one makes it and the other reads that one.
async function makeKey(file: string): Promise<void> {
  await makeFolder(dirname(file), 0o700)
  const temporary = `${file}.${process.pid}.${randomBytes(4).toString('hex')}.tmp`
  try {
    const handle = await open(temporary, 'wx', 0o600)
    try {
      await handle.writeFile(randomBytes(SIZE))
      await handle.sync()
    } finally {
      await handle.close()
    }
    await link(temporary, file).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error
    })
  } finally {
    await rm(temporary, { force: true })
  }
}
