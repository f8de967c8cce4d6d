import type { Content } from '../values/content.ts'
import { wrongSize, type Descriptor } from '../values/descriptor.ts'
import { hashed } from './hashed.ts'
import { plainCopy } from '../values/plain-copy.ts'

type Read = Content['read']

// Every sealed copy, and how what it was made from reads.
const sealed = new WeakMap<Content, Read>()

/**
 * A private copy of content: its descriptors are read once, and whatever is read from it is hashed on its way out (`hashed`). What becomes
 * of the object it was made from, of its buffers and of its files can no longer be published under the sealed digests. Sealed content
 * is its own copy.
 */
export function sealContent(content: Content): Content {
  if (sealed.has(content)) return content
  const { read } = content
  const { subject, manifests, blobs } = plainCopy({
    subject: content.subject,
    manifests: content.manifests,
    blobs: content.blobs,
  })
  const raw: Read = (descriptor) => read.call(content, descriptor)
  const copy: Content = Object.freeze({
    subject,
    manifests,
    blobs,
    read(wanted: Descriptor) {
      const descriptor = plainCopy(wanted)
      return hashed(descriptor, raw(descriptor), descriptor.digest)
    },
  })
  sealed.set(copy, raw)
  return copy
}

/**
 * Reads an item without hashing it a second time, and no further than its size: for looking early whether what lies here is damaged, which
 * its source says by itself. What is sent is never read so.
 * @throws {ERR_DIGEST_MISMATCH} for more bytes than there should be, and what the source throws.
 */
export async function* readAsStored(
  content: Content,
  descriptor: Descriptor,
): AsyncGenerator<Uint8Array, void, undefined> {
  const raw = sealed.get(content)
  let size = 0
  for await (const chunk of raw === undefined ? content.read(descriptor) : raw(descriptor)) {
    size += chunk.byteLength
    if (size > descriptor.size)
      throw wrongSize(descriptor, { size, isWhole: false }, descriptor.digest)
    yield chunk
  }
}
