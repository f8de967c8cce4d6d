import type { Cache, CacheQuestion, Digest } from '@waybill/core'
import type { EntryType, TarHeader } from '@waybill/archive'
import type { LayerFacts, LibraryFacts } from './types.ts'

// Raised whenever what is remembered changes its shape or meaning.
const VERSION = 2

interface Stored {
  readonly entries: readonly (readonly [string, EntryType, number, number, string?])[]
  readonly libraries: readonly (readonly [number, LibraryFacts])[]
}

const questionOf = (digest: Digest): CacheQuestion => ({
  kind: 'facts',
  recipe: VERSION,
  inputs: [digest],
})

/** What a cache remembers of a layer; undefined for what it does not know: the layer is read again. */
export async function recallFacts(
  digest: Digest,
  cache: Cache | undefined,
): Promise<LayerFacts | undefined> {
  const stored = (await cache?.recall(questionOf(digest))) as Stored | undefined
  if (stored === undefined) return undefined
  const entries = stored.entries.map(([path, type, mode, size, linkname]): TarHeader => {
    const header = { path, type, mode, uid: 0, gid: 0, mtime: 0, size }
    return linkname === undefined ? header : { ...header, linkname }
  })
  return { entries, libraries: new Map(stored.libraries) }
}

/** Remembers what a layer holds. */
export async function rememberFacts(
  digest: Digest,
  facts: LayerFacts,
  cache: Cache | undefined,
): Promise<LayerFacts> {
  if (cache === undefined) return facts
  const stored = {
    entries: facts.entries.map(({ path, type, mode, size, linkname }) =>
      linkname === undefined ? [path, type, mode, size] : [path, type, mode, size, linkname],
    ),
    libraries: [...facts.libraries],
  }
  await cache.remember(questionOf(digest), stored)
  return facts
}
