import type { Content, Digest } from '@waybill/core'
import type { BaseEntries } from './image-contents.ts'

/** A file that this process put into an image: hashed on its way into the layer, which was compressed from the very same bytes. */
export interface WrittenFile {
  readonly path: string
  readonly digest: Digest
}

/** What this process knows of an image that it assembled, without reading it. */
export interface AssembledFacts {
  /** Absent where a cache had the layer. */
  readonly written: WrittenFile | undefined
  /** What the layers of the base hold; none where there is no base. */
  readonly base: BaseEntries
}

// By the content itself, so that no look-alike and nothing that was read from elsewhere is taken for it.
const known = new WeakMap<Content, ReadonlyMap<string, AssembledFacts>>()

/** Remembers how the images of a content were assembled, by the digests of their manifests. */
export function rememberAssembled(
  content: Content,
  images: ReadonlyMap<string, AssembledFacts>,
): void {
  known.set(content, images)
}

/** Lets a copy of content know what the content itself does: it goes by digests of manifests, which say the same of both. */
export function shareAssembled(content: Content, copy: Content): void {
  const images = known.get(content)
  if (images !== undefined) known.set(copy, images)
}

/** How this process assembled an image; undefined for one that came from anywhere else. */
export function recallAssembled(content: Content, manifest: Digest): AssembledFacts | undefined {
  return known.get(content)?.get(manifest)
}
