import { createReadStream } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import {
  canonicalJson,
  digestOfJson,
  markUsed,
  pruneFolder,
  writeFileAtomic,
  type Digest,
} from '@waybill/core'
import { digestOfFile } from './source-digest.ts'

/** A built file: where it lies and what it is. */
export interface Built {
  /** Absolute. */
  readonly file: string
  readonly digest: Digest
  readonly size: number
}

/** The name of a build by all that shapes its result. */
export function cacheKey(ingredients: unknown): string {
  return digestOfJson(ingredients).slice('sha256:'.length)
}

/** Finds an earlier result; one that is missing, cut short or changed counts as none. */
export async function findBuilt(cache: string, key: string): Promise<Built | undefined> {
  const file = join(cache, 'built', key)
  const record = await readFile(`${file}.json`, 'utf8').then(
    (text) => JSON.parse(text) as { digest: Digest; size: number },
    () => undefined,
  )
  if (record === undefined) return undefined
  const found = await describeBuilt(file).catch(() => undefined)
  if (found?.digest !== record.digest) return undefined
  await Promise.all([file, `${file}.json`].map(markUsed))
  return found
}

/** Keeps a result under a key; what was not used for long makes room for it. */
export async function keepBuilt(cache: string, key: string, built: Built): Promise<void> {
  const file = join(cache, 'built', key)
  await writeFileAtomic(file, createReadStream(built.file), { mode: 0o755 })
  const { digest, size } = built
  await writeFileAtomic(`${file}.json`, canonicalJson({ digest, size }))
  await pruneFolder(join(cache, 'built'))
}

/** Reads a built file's size and digest. */
export async function describeBuilt(file: string): Promise<Built> {
  const { size } = await stat(file)
  return { file, size, digest: await digestOfFile(file) }
}
