import { access, constants, lstat, stat } from 'node:fs/promises'
import { join, resolve, sep } from 'node:path'
import { readCacheFile, whyForeign, writeCacheFile } from './cache-file.ts'
import { readCacheKey, userFolder, type CacheKey } from './cache-key.ts'
import { cacheName, openRecord, sealRecord, type CacheQuestion } from './cache-record.ts'
import { messageOf } from '../../values/error.ts'
import { makeFolder } from '../files/files.ts'
import { silentLogger, type Logger } from '../../ports/logger.ts'
import { pruneFolder } from './prune-folder.ts'
import type { ContextOptions } from '../../ports/context.ts'

/** What was made before, and may be believed: its records are signed with a key that only this user has. Nothing in it decides what is released. */
export interface Cache {
  /** Absolute. */
  readonly folder: string
  /** Whether other machines have the key too, so that the folder may have been restored. */
  readonly isShared: boolean
  /** What was made for a question; undefined where that is not known, or was not written with this key. `group`: a folder of records, as hex digits. */
  recall(question: CacheQuestion, group?: string): Promise<unknown>
  /** Remembers what was made. What cannot be written is said once, and is no failure. */
  remember(question: CacheQuestion, outputs: unknown, group?: string): Promise<boolean>
  /** A folder below it, with the same key. */
  within(name: string): Cache
  /** Whether only this user can have written what lies below it, and no link leads out of it; true where there is nothing. */
  isOwn(path: string): Promise<boolean>
  /** Makes room in a folder below it, unless a link is on the way. */
  prune(path: string): Promise<void>
  /** Says once that something could not be kept. */
  sayNotKept(error?: unknown): void
}

/** Where a cache lies: a folder, relative to `cwd`; or one that was opened. */
export type CachePlace = string | Cache

type CacheOptions = Pick<ContextOptions, 'cwd' | 'env' | 'logger'>

/** The folder of this user's caches; undefined where the environment names none. */
export const userCacheFolder = (
  env: Readonly<Record<string, string | undefined>>,
): string | undefined => userFolder(env, 'XDG_CACHE_HOME', '.cache')

/**
 * Opens a cache, by default this user's own. Undefined where it cannot be trusted or there is none, which is said in one line: without a cache
 * everything is made again.
 */
export async function openCache(
  place: CachePlace | undefined,
  options: CacheOptions = {},
): Promise<Cache | undefined> {
  if (typeof place === 'object') return place
  const { logger = silentLogger, cwd = '.', env = process.env } = options
  if (place === undefined) await sayOldPlace(resolve(cwd), logger)
  const folder = place === undefined ? userCacheFolder(env) : resolve(cwd, place)
  if (folder === undefined) {
    sayOnce(logger, 'No cache is used: neither XDG_CACHE_HOME nor HOME names a folder for it')
    return undefined
  }
  const key = (await whyUnusable(folder)) ?? (await readCacheKey(env))
  if (typeof key !== 'string') return cacheIn(folder, { key, logger, root: folder })
  sayOnce(logger, `The cache in ${folder} is not used: ${key}`)
  return undefined
}

// The folder itself may be a link of the user's own, to a larger disk; what counts is where it leads.
async function whyUnusable(folder: string): Promise<string | undefined> {
  try {
    await makeFolder(folder, 0o700)
    if (!(await stat(folder)).isDirectory()) return 'it is not a folder'
    await access(folder, constants.R_OK | constants.X_OK)
    return (await whyForeign(folder)) ?? (await whyForeign(`${folder}${sep}.`))
  } catch (error) {
    return `it cannot be made (${messageOf(error)})`
  }
}

interface Opened {
  readonly key: CacheKey
  readonly logger: Logger
  /** What was checked. */
  readonly root: string
}

function cacheIn(folder: string, opened: Opened): Cache {
  const { key, logger, root } = opened
  const recordOf = (question: CacheQuestion, group = ''): string =>
    join(folder, question.kind, group, `${cacheName(question)}.json`)
  const sayNotKept = (error?: unknown): void =>
    sayOnce(
      logger,
      `The cache in ${root} cannot be written${error === undefined ? '' : ` (${messageOf(error)})`}: what was made is not kept`,
      `not kept ${root}`,
    )
  const isOwn = (path: string): Promise<boolean> => isOwnBelow(root, resolve(folder, path))
  return {
    folder,
    isShared: key.from === 'variable',
    sayNotKept,
    isOwn,
    within: (name) => cacheIn(join(folder, name), opened),
    async recall(question, group) {
      const text = (await readCacheFile(recordOf(question, group)))?.toString()
      if (text === undefined) return undefined
      const outputs = openRecord(key.bytes, question, text)
      if (outputs === undefined) sayForeign(root, logger)
      return outputs
    },
    async remember(question, outputs, group) {
      const text = sealRecord(key.bytes, question, outputs)
      const written = await writeCacheFile(recordOf(question, group), [Buffer.from(text)])
      if (!written) sayNotKept()
      return written
    },
    async prune(path) {
      if (await isOwn(path)) await pruneFolder(resolve(folder, path))
    },
  }
}

async function isOwnBelow(root: string, path: string): Promise<boolean> {
  if (path !== root && !path.startsWith(root + sep)) return false
  let at = root
  for (const name of path.slice(root.length).split(sep)) {
    at = join(at, name)
    const stats = at === root ? undefined : await lstat(at).catch(() => undefined)
    if (stats !== undefined && !stats.isDirectory()) return false
    if ((await whyForeign(`${at}${sep}.`)) !== undefined) return false
  }
  return true
}

function sayForeign(root: string, logger: Logger): void {
  sayOnce(
    logger,
    `The cache in ${root} holds records that were not written with this key (restored, changed or copied): they are ignored, and what they stand for is made again`,
  )
}

async function sayOldPlace(cwd: string, logger: Logger): Promise<void> {
  const old = join(cwd, '.waybill/cache')
  const isThere = await lstat(old).catch(() => undefined)
  const message = `${old} is not used any more, and you can remove it: caches lie in your own cache folder`
  if (isThere !== undefined && isFirst(logger, message)) logger.info(message)
}

const said = new WeakMap<Logger, Set<string>>()

/** Says a sentence once to a logger, or the first of those on a topic. */
function sayOnce(logger: Logger, message: string, topic: string = message): void {
  if (isFirst(logger, topic)) logger.warn(message)
}

function isFirst(logger: Logger, topic: string): boolean {
  const before = said.get(logger) ?? new Set()
  said.set(logger, before)
  const { size } = before
  return before.add(topic).size > size
}
