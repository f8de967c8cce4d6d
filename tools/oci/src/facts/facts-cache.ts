import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { canonicalJson, type Digest } from '@waybill/core'
import type { EntryType, TarHeader } from '@waybill/archive'
import { writeCacheFile } from './cache-file.ts'
import type { LayerFacts, LibraryFacts } from './layer-facts.ts'

// Raised whenever what is remembered changes its shape or meaning.
const VERSION = 1

interface Stored {
  readonly version: typeof VERSION
  readonly entries: readonly (readonly [string, EntryType, number, number, string?])[]
  readonly libraries: readonly (readonly [number, LibraryFacts])[]
}

const place = (cache: string, digest: Digest): string =>
  join(cache, 'facts', `${digest.replace(':', '-')}.json`)

/** What a folder remembers of a layer; undefined for what it does not know or cannot tell. */
export async function recallFacts(
  digest: Digest,
  cache: string | undefined,
): Promise<LayerFacts | undefined> {
  if (cache === undefined) return undefined
  try {
    const stored = JSON.parse(await readFile(place(cache, digest), 'utf8')) as Stored
    if (stored.version !== VERSION) return undefined
    const entries = stored.entries.map(([path, type, mode, size, linkname]): TarHeader => {
      const header = { path, type, mode, uid: 0, gid: 0, mtime: 0, size }
      return linkname === undefined ? header : { ...header, linkname }
    })
    return { entries, libraries: new Map(stored.libraries) }
  } catch {
    return undefined // damaged or from elsewhere: the layer is read again
  }
}

/** Remembers what a layer holds. A folder that cannot be written is no failure. */
export async function rememberFacts(
  digest: Digest,
  facts: LayerFacts,
  cache: string | undefined,
): Promise<LayerFacts> {
  if (cache === undefined) return facts
  const stored = {
    version: VERSION,
    entries: facts.entries.map(({ path, type, mode, size, linkname }) =>
      linkname === undefined ? [path, type, mode, size] : [path, type, mode, size, linkname],
    ),
    libraries: [...facts.libraries],
  }
  await writeCacheFile(place(cache, digest), [Buffer.from(canonicalJson(stored))])
  return facts
}
