import type { Content } from '@waybill/core'
import { recallAssembled, type AssembledFacts } from './written-files.ts'
import { imageContents, type ImageContents } from './image-contents.ts'
import { watchLayers } from './seen-layers.ts'
import type { Image } from '@waybill/oci'

/** An image of a content, and what this process knows of it already. */
export interface OpenedImage {
  readonly contents: ImageContents
  /** How it was assembled here, where that may be believed. */
  readonly assembled: AssembledFacts | undefined
}

interface OpenOptions {
  readonly strict?: boolean | undefined
  readonly signal?: AbortSignal | undefined
}

/** Opens an image to find out what it runs. With `strict` nothing counts that was found out before, and by whatever way. */
export function openImage(
  image: Image,
  content: Content,
  { strict = false, signal }: OpenOptions = {},
): OpenedImage {
  const assembled = strict ? undefined : recallAssembled(content, image.descriptor.digest)
  return { assembled, contents: imageContents(watchLayers(image, signal), assembled?.base) }
}
