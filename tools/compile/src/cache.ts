import { lstat } from 'node:fs/promises'
import { join } from 'node:path'
import {
  cacheName,
  digestFile,
  markUsed,
  writeCacheFile,
  type Cache,
  type CacheQuestion,
  type Digest,
} from '@waybill/core'
import { readPieces } from './read-pieces.ts'

/** Where a compiler's own cache came from that a binary was built with, where it is not known to be only this user's on this machine. */
export type CompilerCache = 'restored' | 'environment'

/** A built file: where it lies and what it is. */
export interface Built {
  /** Absolute. */
  readonly file: string
  readonly digest: Digest
  readonly size: number
  readonly compilerCache?: CompilerCache
}

interface Stored {
  readonly blob: Digest
  readonly size: number
  readonly compilerCache?: CompilerCache
}

const placeOf = (cache: Cache, question: CacheQuestion): string =>
  join(cache.folder, 'built', cacheName(question))

/** Finds an earlier result: one whose record was written with this cache's key, and whose bytes are those it names. Anything else counts as none. */
export async function findBuilt(cache: Cache, question: CacheQuestion): Promise<Built | undefined> {
  const stored = (await cache.recall(question)) as Stored | undefined
  if (stored === undefined) return undefined
  const file = placeOf(cache, question)
  const isFile = (await lstat(file).catch(() => undefined))?.isFile() === true
  const found = isFile ? await describeBuilt(file).catch(() => undefined) : undefined
  if (found?.digest !== stored.blob) return undefined
  await Promise.all([file, `${file}.json`].map(markUsed))
  const { compilerCache } = stored
  return compilerCache === undefined ? found : { ...found, compilerCache }
}

/** Keeps a result; what was not used for long makes room for it. */
export async function keepBuilt(
  cache: Cache,
  question: CacheQuestion,
  { file, digest, size, compilerCache }: Built,
): Promise<void> {
  const written = await writeCacheFile(placeOf(cache, question), readPieces(file), 0o700)
  if (!written) return cache.sayNotKept()
  const stored: Stored = { blob: digest, size }
  await cache.remember(
    question,
    compilerCache === undefined ? stored : { ...stored, compilerCache },
  )
  await cache.prune('built')
}

/** Reads a built file's size and digest. */
export async function describeBuilt(file: string): Promise<Built> {
  const { digest, size } = await digestFile(file)
  return { file, size, digest }
}
