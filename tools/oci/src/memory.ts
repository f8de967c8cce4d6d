import { WaybillError, collect, isDigest, verified, type Descriptor } from '@waybill/core'
import { contentMissing, notFound } from './errors.ts'
import type { Target } from './source.ts'

/** A target in memory, for images that fit there. */
export function createMemory(name = 'memory'): Target {
  const blobs = new Map<string, { readonly descriptor: Descriptor; readonly bytes: Uint8Array }>()
  const tags = new Map<string, Descriptor>()
  const stored = (descriptor: Pick<Descriptor, 'digest'>) => {
    const found = blobs.get(descriptor.digest)
    if (found === undefined) throw contentMissing(name, descriptor.digest)
    return found
  }
  return {
    name,
    async resolve(reference) {
      const found = isDigest(reference) ? blobs.get(reference)?.descriptor : tags.get(reference)
      if (found === undefined) throw notFound(name, reference, [...tags.keys()])
      return found
    },
    async *fetch(descriptor) {
      yield* verified(descriptor, [stored(descriptor).bytes], `${name} ${descriptor.digest}`)
    },
    exists: async (descriptor) => blobs.has(descriptor.digest),
    async push(descriptor, open) {
      if (blobs.has(descriptor.digest)) return
      const where = `${name} ${descriptor.digest}`
      const bytes = await collect(verified(descriptor, open(), where), descriptor.size, where)
      const { mediaType, digest, size } = descriptor
      blobs.set(digest, { descriptor: { mediaType, digest, size }, bytes })
    },
    async tag(descriptor, reference) {
      assertName(reference)
      tags.set(reference, stored(descriptor).descriptor)
    },
  }
}

/** Refuses a name that could not be told from a digest or from no name. @throws {ERR_INVALID_REFERENCE} */
export function assertName(reference: string): void {
  if (reference !== '' && !isDigest(reference)) return
  throw new WaybillError(
    'ERR_INVALID_REFERENCE',
    `Expected a tag, found ${reference === '' ? 'nothing' : `the digest ${reference}`}`,
    { outcome: 'usage' },
  )
}
