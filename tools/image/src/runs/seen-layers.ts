import type { TarEntry, TarHeader } from '@waybill/archive'
import { type Image, type Layer, untilCancelled } from '@waybill/oci'
/** What the dynamic loader loads into every program that it starts. ld.so(8), "FILES". */
export const PRELOAD = '/etc/ld.so.preload'

/** What was seen of an image's layers while they were read for something else. */
export interface SeenLayers {
  /** The image, whose layers tell what they hold as they are read. */
  readonly image: Image
  /** Something called as the loader's list is among what was seen; links may lead to it from anywhere. */
  mayPreload(): boolean
  /** Those that nobody has read to their end. */
  unreadLayers(): readonly Layer[]
}

/** Watches an image's layers, so that what they hold need not be read a second time to be known; a signal ends their reading, also within a member. */
export function watchLayers(image: Image, signal?: AbortSignal): SeenLayers {
  const read = new Set<number>()
  let found = false
  const layers = image.layers.map((layer, index): Layer => {
    async function* entries(): AsyncGenerator<TarEntry, void, undefined> {
      for await (const entry of layer.entries()) {
        found ||= isPreload(entry)
        yield { ...entry, content: untilCancelled(entry.content, signal, READING) }
      }
      read.add(index)
    }
    return { ...layer, entries }
  })
  return {
    image: { ...image, layers },
    mayPreload: () => found,
    unreadLayers: () => layers.filter((_, index) => !read.has(index)),
  }
}

const READING = 'Reading the image was cancelled'

/** Whether a member is called as the loader's list. */
export function isPreload({ path }: Pick<TarHeader, 'path'>): boolean {
  return path.endsWith('ld.so.preload')
}
