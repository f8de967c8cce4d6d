import { type RunConfig, type Image } from '@waybill/oci'
import { MOUNTED, executable, follow, readTree, type TreeNode } from '@waybill/oci/internal'
import { placesOf, searchFolders } from '../runs/command.ts'
/** The program that a container of an image runs, or why nobody can say which. */
export type EntrypointPath =
  | {
      /** As the configuration has it: the first word of the entrypoint, else of the command. */
      readonly word: string
      /** Absolute. A path that was given is taken as it is; of one that was looked up, every link is followed. */
      readonly path: string
    }
  | { readonly word: string | undefined; readonly path?: undefined; readonly reason: string }

/**
 * Finds the program that an image runs, as runc does: a word with a slash in it is a path, seen from the working directory; a bare word is
 * looked for in each folder of the image's PATH, in turn, inside the image. Only a bare word needs the layers: their headers are read.
 * @throws {ERR_INVALID_LAYER} {ERR_DIGEST_MISMATCH} {ERR_CONTENT_MISSING}
 */
export async function entrypointPath(
  image: Pick<Image, 'config' | 'layers'>,
): Promise<EntrypointPath> {
  const { config } = image.config
  const word = [...(config.Entrypoint ?? []), ...(config.Cmd ?? [])][0]
  if (word === undefined) return { word, reason: 'the image has no entrypoint' }
  if (word === '') return { word, reason: 'the first word of the entrypoint is empty' }
  if (image.config.os !== 'linux' && !word.startsWith('/'))
    return { word, reason: `how "${word}" is looked for on ${image.config.os} is not known` }
  if (word.split('/').includes('..'))
    return { word, reason: `the entrypoint "${word}" leads upwards` }
  if (word.startsWith('/')) return { word, path: word }
  if (word.includes('/')) return { word, path: placesOf(word, config)[0]! }
  return lookFor(word, await readTree(image.layers), config)
}

/** Looks a bare word up in the image's PATH, where its files are known. */
export function lookFor(word: string, root: TreeNode, config: RunConfig): EntrypointPath {
  const folders = searchFolders(config.Env)
  const places = placesOf(word, config)
  const hits = places.map((place) => find(root, place))
  const found = hits.filter((hit) => hit !== undefined)
  const nearest = hits.findIndex((hit) => hit !== undefined)
  const before = places.slice(0, nearest < 0 ? places.length : nearest)
  const hidden = before.find((place) => follow(root, place, MOUNTED).mounted !== undefined)
  if (hidden !== undefined)
    return { word, reason: `"${word}" may be ${hidden}, where engines mount their own files` }
  const [first, ...later] = found
  if (first === undefined) {
    const where = folders.length === 0 ? 'which is empty' : folders.join(':')
    return { word, reason: `"${word}" is in no folder of the image's PATH (${where})` }
  }
  const other = later.find(({ path }) => path !== first.path)
  // Whether a user may run the first is up to the engine: one goes on to the next, another stops.
  if (!first.isForAll && other !== undefined)
    return {
      word,
      reason: `not every user may run ${first.path}, so "${word}" may also be ${other.path}`,
    }
  return { word, path: first.path }
}

interface Hit {
  readonly path: string
  readonly isForAll: boolean
}

// As Go's exec.LookPath: a file with any executable bit, links followed; folders are passed over.
function find(root: TreeNode, path: string): Hit | undefined {
  const found = follow(root, path, MOUNTED)
  if (found.node === undefined) return undefined
  const { perhaps, surely } = executable(found.node)
  if (!perhaps) return undefined
  const isOpen = isReachable(root, path) && isReachable(root, found.path)
  return { path: found.path, isForAll: isOpen && surely }
}

// Whether every user may go through the folders on the way.
function isReachable(root: TreeNode, path: string): boolean {
  const parts = path.split('/').slice(1, -1)
  return parts.every((_, index) => {
    const { node } = follow(root, `/${parts.slice(0, index + 1).join('/')}`)
    return ((node?.header?.mode ?? 0o755) & 0o111) === 0o111
  })
}
