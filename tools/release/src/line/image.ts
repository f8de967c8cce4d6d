import { WaybillError, type Artifact, type Digest } from '@waybill/core'
import type { AcceptedProgram, AssembleOptions } from '@waybill/image'
import type { ImageEntry, ThroughEntry } from '../definition/types.ts'

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
): Pick<AssembleOptions, 'path' | 'config' | 'labels' | 'annotations'> {
  const { path, labels, annotations } = image
  const { entrypoint: given, ...rest } = image.config ?? {}
  const entrypoint = wordsOf(given ?? listOf(image.entrypoint)[0], path)
  const config = entrypoint === undefined ? rest : { ...rest, entrypoint }
  return {
    path,
    ...(Object.keys(config).length === 0 ? {} : { config }),
    ...(labels === undefined ? {} : { labels }),
    ...(annotations === undefined ? {} : { annotations }),
  }
}

function wordsOf(
  entrypoint: readonly string[] | ThroughEntry | undefined,
  path: string,
): readonly string[] | undefined {
  if (entrypoint === undefined || isWords(entrypoint)) return entrypoint
  return [entrypoint.through, ...(entrypoint.args ?? []), path]
}

const isWords = (entrypoint: readonly string[] | ThroughEntry): entrypoint is readonly string[] =>
  Array.isArray(entrypoint)

const listOf = (entrypoint: ImageEntry['entrypoint']): readonly ThroughEntry[] =>
  entrypoint === undefined ? [] : [entrypoint].flat()

/** The programs that an image's definition accepts beside its binary. */
export function acceptedPrograms(image: ImageEntry): readonly AcceptedProgram[] {
  const given = image.config?.entrypoint
  const own = given === undefined || isWords(given) ? [] : [given]
  return [...listOf(image.entrypoint), ...own].map(({ through, digest }) => ({
    path: through,
    digest: [digest].flat() as Digest[],
  }))
}
