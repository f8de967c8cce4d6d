import { WaybillError, type Artifact } from '@waybill/core'
import type { ImageEntry } from '../definition/types.ts'

/** The binaries an image takes: those of its `binary`, or of its path's last part, or the only ones there are. Only Linux runs in images. */
export function imageBinaries(image: ImageEntry, binaries: readonly Artifact[]): Artifact[] {
  const linux = binaries.filter(({ platform }) => platform?.startsWith('linux/') === true)
  const wanted = image.binary ?? image.path.split('/').at(-1)!
  const named = linux.filter(({ name }) => name === wanted)
  const names = new Set(linux.map(({ name }) => name))
  const chosen = named.length > 0 || image.binary !== undefined || names.size !== 1 ? named : linux
  if (chosen.length > 0) return chosen
  throw new WaybillError(
    'ERR_NO_BINARY',
    `The image ${image.repository} wants the binary "${wanted}" for Linux; built were ${[...names].join(', ') || 'none'}`,
    {
      hint: 'Name one of them as `binary` of the image, and build it for a linux/… platform.',
      outcome: 'usage',
    },
  )
}

/** What `assemble` is told about an image beside its base. */
export function imageOptions(
  image: ImageEntry,
): Pick<ImageEntry, 'path' | 'config' | 'labels' | 'annotations'> {
  const { path, config, labels, annotations } = image
  return {
    path,
    ...(config === undefined ? {} : { config }),
    ...(labels === undefined ? {} : { labels }),
    ...(annotations === undefined ? {} : { annotations }),
  }
}
