import type { Descriptor } from './descriptor.ts'

/** One blob or manifest of an image, and the repositories known to hold it already (`ghcr.io/acme/base`), to mount or fetch it from. */
export interface ContentItem {
  readonly descriptor: Descriptor
  readonly origins?: readonly string[]
}

/** Everything that is published under one subject, ready to be read any number of times. */
export interface Content {
  /** The index, or the single image manifest. */
  readonly subject: Descriptor
  /** Children before parents; the subject is the last. */
  readonly manifests: readonly ContentItem[]
  /** Configs and layers, each once. */
  readonly blobs: readonly ContentItem[]
  /**
   * Reads one item; size and digest are checked while reading.
   * @throws {ERR_DIGEST_MISMATCH} {ERR_CONTENT_MISSING}
   */
  read(descriptor: Descriptor): AsyncIterable<Uint8Array>
}
