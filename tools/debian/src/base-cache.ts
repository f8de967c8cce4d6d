import { rmSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isWaybillError, openCache, type Cache, type CachePlace, type Context } from '@waybill/core'

/** Where a base's packages and layers are kept. */
export interface BaseCache {
  readonly cache: Cache | undefined
  /** The folder where files are looked for first. */
  readonly folder: string
  /** Does work that writes files, in the cache's folder or, where that has no room or is closed, in one that goes with the process. */
  writing<Result>(work: (folder: string) => Promise<Result>): Promise<Result>
}

/** Opens the cache of a base; where there is none that can be trusted, files go into a folder that goes with the process. */
export async function openBaseCache(
  place: CachePlace | undefined,
  context: Context,
): Promise<BaseCache> {
  const cache = await openCache(place, context)
  const folder = cache?.folder ?? (await (spare ??= makeSpare()))
  return {
    cache,
    folder,
    async writing(work) {
      try {
        return await work(folder)
      } catch (error) {
        if (cache === undefined || !isOfPlace(error)) throw error
        cache.sayNotKept(error)
        return work(await (spare ??= makeSpare()))
      }
    },
  }
}

let spare: Promise<string> | undefined

async function makeSpare(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'waybill-debian-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  return folder
}

const isOfPlace = (error: unknown): boolean =>
  isWaybillError(error, 'ERR_DISK_FULL') || isWaybillError(error, 'ERR_NOT_WRITABLE')
