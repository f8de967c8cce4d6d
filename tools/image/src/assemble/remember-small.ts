import {
  cachedBlob,
  collect,
  digestOf,
  readCacheFile,
  writeCacheFile,
  type Cache,
  type Descriptor,
} from '@waybill/core'
import { isManifestType, mediaTypes, type FetchOptions, type Source } from '@waybill/oci'
const SMALL = 256 * 1024

/**
 * Remembers manifests and configurations of a registry in a folder; of layers, what is known of them is remembered elsewhere. Everything is asked for by its digest and compared with it,
 * so what a damaged or foreign folder gives back is fetched anew.
 */
export function rememberSmall(source: Source, cache: Cache | undefined): Source {
  if (cache === undefined || source.origin === undefined) return source
  async function* fetch(
    descriptor: Descriptor,
    options?: FetchOptions,
  ): AsyncGenerator<Uint8Array, void, undefined> {
    if (!isRemembered(descriptor)) return yield* source.fetch(descriptor, options)
    const path = cachedBlob(cache!.folder, descriptor.digest)
    const before = await readCacheFile(path, SMALL)
    if (before !== undefined && digestOf(before) === descriptor.digest) return yield before
    const bytes = await collect(source.fetch(descriptor, options), SMALL, descriptor.digest)
    await writeCacheFile(path, [bytes])
    yield bytes
  }
  return { ...source, fetch }
}

function isRemembered({ mediaType, size, digest }: Descriptor): boolean {
  const isConfig = mediaType === mediaTypes.config || mediaType === mediaTypes.dockerConfig
  return (isConfig || isManifestType(mediaType)) && size <= SMALL && digest.startsWith('sha256:')
}
