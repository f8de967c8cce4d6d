import { join } from 'node:path'
import type { Digest } from '@waybill/core'
import type { EntryType, TarHeader } from '@waybill/archive'
import { readRecord, writeRecord } from './cache-record.ts'
import type { LayerFacts, LibraryFacts } from './layer-facts.ts'

// Raised whenever what is remembered changes its shape or meaning.
const VERSION = 2

interface Stored {
  readonly entries: readonly (readonly [string, EntryType, number, number, string?])[]
  readonly libraries: readonly (readonly [number, LibraryFacts])[]
}

const place = (cache: string, digest: Digest): string =>
  join(cache, 'facts', `${digest.replace(':', '-')}.json`)

const keyOf = (digest: Digest): string => `facts ${VERSION} ${digest}`

/** What a folder remembers of a layer; undefined for what it does not know or cannot tell: the layer is read again. */
export async function recallFacts(
  digest: Digest,
  cache: string | undefined,
): Promise<LayerFacts | undefined> {
  if (cache === undefined) return undefined
  const stored = (await readRecord(place(cache, digest), keyOf(digest))) as Stored | undefined
  if (stored === undefined) return undefined
  const entries = stored.entries.map(([path, type, mode, size, linkname]): TarHeader => {
    const header = { path, type, mode, uid: 0, gid: 0, mtime: 0, size }
    return linkname === undefined ? header : { ...header, linkname }
  })
  return { entries, libraries: new Map(stored.libraries) }
}

/** Remembers what a layer holds. A folder that cannot be written is no failure. */
export async function rememberFacts(
  digest: Digest,
  facts: LayerFacts,
  cache: string | undefined,
): Promise<LayerFacts> {
  if (cache === undefined) return facts
  const stored = {
    entries: facts.entries.map(({ path, type, mode, size, linkname }) =>
      linkname === undefined ? [path, type, mode, size] : [path, type, mode, size, linkname],
    ),
    libraries: [...facts.libraries],
  }
  await writeRecord(place(cache, digest), keyOf(digest), stored)
  return facts
}
