import type { Descriptor } from '@waybill/core'
import { isManifestType, type Base, type FetchOptions, type Source } from '@waybill/oci'
// A base for slim images has a tenth of this; what does not fit is fetched again where it is needed.
const ROOM = 16 * 1024 * 1024

/** A base whose layers, once they were read to see what files they hold, need not be fetched again to be published elsewhere. */
export function keepLayers(base: Base): Base {
  return { ...base, source: keeping(base.source) }
}

function keeping(source: Source): Source {
  const kept = new Map<string, readonly Uint8Array[]>()
  let room = ROOM
  async function* fetch(
    descriptor: Descriptor,
    options?: FetchOptions,
  ): AsyncGenerator<Uint8Array, void, undefined> {
    const { digest, size } = descriptor
    const before = kept.get(digest)
    if (before !== undefined) return yield* before
    const chunks: Uint8Array[] = []
    const fits = !isManifestType(descriptor.mediaType) && size <= room
    if (fits) room -= size
    try {
      for await (const chunk of source.fetch(descriptor, options)) {
        if (fits) chunks.push(chunk)
        yield chunk
      }
      // Only here is it known to be right, and whole.
      if (fits) kept.set(digest, chunks)
    } finally {
      if (fits && kept.get(digest) !== chunks) room += size
    }
  }
  return { ...source, fetch }
}
