import { lstat, mkdir, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { makeFolder, withFileLocks, type Cache, type CacheQuestion } from '@waybill/core'
import type { CompilerCache } from './cache.ts'

/** The folders that compilers keep what they made before in, for one build. */
export interface CompilerCaches {
  /** A folder that stays, for `name`: only this user has written into it, or it is empty. */
  keep(name: string, owner: unknown): Promise<string>
  /** The folder that a variable of the user's names, or else one that stays, shared by every checkout. */
  shared(variable: string | undefined, name: string): Promise<string>
  /** Where what was lent came from, where that is worth saying. */
  from(): CompilerCache | undefined
}

export interface CompilerCacheOptions {
  /** Null: nothing stays. */
  readonly cache: Cache | null
  /** Where folders go that do not stay, absolute. */
  readonly scratch: string
  readonly signal: AbortSignal
}

/**
 * A compiler believes what lies in its cache, so it gets one that only this user wrote: a folder of the cache with a stamp that was signed with this
 * user's key when it was empty. One without such a stamp was put there by somebody else, and is emptied.
 */
export function createCompilerCaches(options: CompilerCacheOptions): CompilerCaches {
  const { cache, scratch } = options
  let from: CompilerCache | undefined
  const keep = async (name: string, owner: unknown): Promise<string> => {
    const lent = cache === null ? undefined : await lend(cache, { name, owner, ...options })
    if (lent?.isRestored === true) from ??= 'restored'
    const folder = lent?.folder ?? join(scratch, 'kept', name)
    await mkdir(folder, { recursive: true })
    return folder
  }
  return {
    keep,
    async shared(given, name) {
      if (given === undefined || given === '') return keep(name, 'shared')
      from = 'environment'
      return given
    },
    from: () => from,
  }
}

interface Wanted extends CompilerCacheOptions {
  readonly name: string
  readonly owner: unknown
}

interface Lent {
  readonly folder: string
  readonly isRestored: boolean
}

// Two builds may ask for the same folder at once: the second finds the stamp of the first.
function lend(cache: Cache, wanted: Wanted): Promise<Lent | undefined> {
  const folder = join(cache.folder, 'kept', wanted.name)
  const lock = { purpose: `preparing ${folder}`, signal: wanted.signal }
  return withFileLocks([`compiler-cache:${folder}`], lock, () => take(cache, folder, wanted))
}

async function take(
  cache: Cache,
  folder: string,
  { name, owner }: Wanted,
): Promise<Lent | undefined> {
  const stamp: CacheQuestion = { kind: 'compilers', recipe: name, inputs: owner }
  const stored = (await cache.isOwn(folder)) ? await cache.recall(stamp) : undefined
  const place = await placeOf(folder)
  if (stored !== undefined && place !== undefined) {
    // A key that other machines have signed what they left there, too.
    if (cache.isShared) return { folder, isRestored: true }
    if (stored === place) return { folder, isRestored: false }
  }
  try {
    const above = dirname(folder)
    // Emptied it must be, but only in the cache itself.
    if (!(await cache.isOwn(above))) throw new Error(`${above} is a link, or open to others`)
    await rm(folder, { recursive: true, force: true })
    await makeFolder(folder, 0o700)
    if (await cache.isOwn(folder))
      if (await cache.remember(stamp, await placeOf(folder))) return { folder, isRestored: false }
  } catch (error) {
    cache.sayNotKept(error)
  }
  return undefined
}

// Another folder in its place was not made by this machine, whatever lies in it.
async function placeOf(folder: string): Promise<string | undefined> {
  const stats = await lstat(folder).catch(() => undefined)
  return stats?.isDirectory() === true ? `${stats.dev} ${stats.ino}` : undefined
}
