import { WaybillError } from '@waybill/core'
import { imageFacts } from '../facts/layer-facts.ts'
import { type Image } from '@waybill/oci'
import { MOUNTED, createTree, follow, lookup, type TreeNode } from '@waybill/oci/internal'
import { invalidConfig } from './config-options.ts'
import type { FactsOptions } from '../facts/types.ts'

/** Where a file goes in an image: its path with the base's links in parent folders resolved, and the folders that have to be made. */
export interface BinaryPlace {
  readonly path: string
  readonly parents: readonly string[]
}

/** Reads the path of a file in an image. @throws {ERR_INVALID_CONFIG} */
export function checkPath(path: string): string {
  const parts = path.split('/').slice(1)
  const clean = parts.every((part) => part !== '' && part !== '.' && part !== '..')
  const whiteout = parts.some((part) => part.startsWith('.wh.'))
  if (path.startsWith('/') && clean && !whiteout && !path.includes('\0')) return path
  throw invalidConfig('path', 'the absolute path of a file', path)
}

/**
 * Finds out what a base has of a path's folders, so that none of its own is written over: its links stay links, its modes stay.
 * @throws {ERR_PATH_TAKEN} when a file stands where a folder is needed, or a folder where the file goes.
 */
export async function findPlace(
  base: Image | 'scratch',
  path: string,
  options: FactsOptions = {},
): Promise<BinaryPlace> {
  if (base === 'scratch') return placeIn(createTree(), path)
  return placeIn((await imageFacts(base, options)).root, path)
}

function placeIn(root: TreeNode, path: string): BinaryPlace {
  const found = lookup(root, path, MOUNTED)
  if (found.mounted !== undefined) throw hidden(path, found.mounted)
  if (found.node?.type === 'directory') throw taken(found.path, 'a folder')
  if (found.node !== undefined) return { path: found.path, parents: [] }
  return deepest(root, path)
}

// From the file upwards to the nearest folder that is there; what lies below it is new.
function deepest(root: TreeNode, path: string): BinaryPlace {
  const folders = foldersOf(path)
  for (const folder of folders.toReversed()) {
    const found = follow(root, folder)
    if (found.node?.children !== undefined) {
      const missing = folders.filter((one) => one.length > folder.length)
      const moved = (one: string): string => join(found.path, one.slice(folder.length + 1))
      return { path: moved(path), parents: missing.map(moved) }
    }
    const itself = lookup(root, folder)
    if (itself.node !== undefined) throw taken(folder, `a ${itself.node.type}`)
  }
  return { path, parents: folders }
}

const join = (folder: string, name: string): string =>
  folder === '/' ? `/${name}` : `${folder}/${name}`

/** The folders above a path, the highest first. */
function foldersOf(path: string): readonly string[] {
  const parts = path.split('/').slice(1, -1)
  return parts.map((_, index) => `/${parts.slice(0, index + 1).join('/')}`)
}

function hidden(path: string, mounted: string): WaybillError {
  return new WaybillError(
    'ERR_INVALID_CONFIG',
    `image: expected path to be where a container finds the binary, found ${path}, which leads to ${mounted}, where engines mount their own files`,
    { hint: 'Choose a path such as /usr/bin/NAME.', outcome: 'usage', details: { path, mounted } },
  )
}

function taken(path: string, what: string): WaybillError {
  return new WaybillError('ERR_PATH_TAKEN', `${path} is ${what} in the base`, {
    hint: 'Choose another path for the binary.',
    details: { path },
  })
}
