import type { Content, Digest } from '@waybill/core'

/** A file that this process put into an image: hashed on its way into the layer, which was compressed from the very same bytes. */
export interface WrittenFile {
  readonly path: string
  readonly digest: Digest
}

// By the content itself, so that no look-alike and nothing that was read from elsewhere is taken for it.
const known = new WeakMap<Content, ReadonlyMap<string, WrittenFile>>()

/** Remembers what was written into the images of a content, by the digests of their manifests. */
export function rememberWritten(content: Content, files: ReadonlyMap<string, WrittenFile>): void {
  known.set(content, files)
}

/** What this process wrote into an image; undefined for an image, or a layer of it, that came from anywhere else. */
export function recallWritten(content: Content, manifest: Digest): WrittenFile | undefined {
  return known.get(content)?.get(manifest)
}
