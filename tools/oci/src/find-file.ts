import { WaybillError } from '@waybill/core'
import type { TarEntry, TarHeader } from '@waybill/archive'
import { partsOf } from './tree/apply-entry.ts'
import { inLayer } from './tree/errors.ts'
import { lookup } from './tree/lookup.ts'
import { MOUNTED, mountedAt } from './tree/mounted.ts'
import { readTree } from './tree/read-tree.ts'
import type { Image, Layer } from './image-types.ts'

/** What stands at a path of an image. `layer` counts from 0. */
export type Found<Value> =
  | {
      readonly kind: 'file'
      readonly layer: number
      readonly header: TarHeader
      readonly value: Value
    }
  | { readonly kind: 'other'; readonly layer: number; readonly header: TarHeader }
  | { readonly kind: 'missing'; readonly reason: string; readonly removedBy?: number }

type ReadFile<Value> = (entry: TarEntry) => Promise<Value>

/**
 * Finds the file at a path as a container of the image would, and reads it with `read`. Looks from the topmost layer down and no further
 * than needed: as long as the layers hold nothing that could lead the path elsewhere (links, whiteouts, a file of the same name), the first
 * layer that has the file decides. Otherwise all layers are looked at. `read` may be called more than once; the last value counts.
 * What lies where engines mount something of their own is not there for a container.
 * @throws {ERR_DIGEST_MISMATCH} {ERR_INVALID_LAYER} {ERR_CONTENT_MISSING}
 */
export async function findFile<Value>(
  image: Pick<Image, 'layers'>,
  path: string,
  read: ReadFile<Value>,
): Promise<Found<Value>> {
  const parts = partsOf(path)
  const mounted = mountedAt(`/${parts.join('/')}`)
  if (mounted !== undefined) return { kind: 'missing', reason: inMounted(path, mounted) }
  for (const [index, layer] of [...image.layers.entries()].toReversed()) {
    const seen = await scan(layer, parts, read).catch((error: unknown) => {
      throw inLayer(error, layer)
    })
    if (seen.found?.header.type === 'file' && seen.decides)
      return { kind: 'file', layer: index, header: seen.found.header, value: seen.found.value! }
    if (seen.found !== undefined || !seen.harmless) return findInTree(image, path, read)
  }
  return { kind: 'missing', reason: `${path} is not there` }
}

const inMounted = (path: string, mounted: string): string =>
  `${path} is in a place where engines mount their own files, ${mounted}`

interface Scan<Value> {
  /** What stands at the path in this layer; the last of several. */
  readonly found: { readonly header: TarHeader; readonly value?: Value } | undefined
  /** Nothing in the layer can lead the path elsewhere. */
  readonly harmless: boolean
  /** Nothing in the layer can have moved the file once it was written. */
  readonly decides: boolean
}

async function scan<Value>(
  layer: Layer,
  parts: readonly string[],
  read: ReadFile<Value>,
): Promise<Scan<Value>> {
  let found: Scan<Value>['found']
  let crossed = false // by a link, a whiteout, a namesake
  let folders = false // by a folder of the path, which replaces a link of that name in a lower layer
  let late = false
  for await (const entry of layer.entries()) {
    const relation = relate(entry, parts)
    if (relation === 'path') {
      found = { header: header(entry), ...(entry.type === 'file' && { value: await read(entry) }) }
    } else if (relation === 'crossing') crossed = true
    else if (relation === 'folder' && found === undefined) folders = true
    else if (relation === 'folder') late = true
  }
  return { found, harmless: !crossed && !folders, decides: !crossed && !late }
}

function relate(
  entry: TarHeader,
  parts: readonly string[],
): 'path' | 'folder' | 'crossing' | 'none' {
  const own = partsOf(entry.path)
  const shared = own.slice(0, parts.length)
  const onWay = shared.every((part, index) => part === parts[index])
  if (onWay && own.length > parts.length) return 'crossing' // what lies below it makes a folder of it
  if (onWay && own.length === parts.length) return 'path'
  if (onWay) return entry.type === 'directory' ? 'folder' : 'crossing'
  const name = own.at(-1)!
  return entry.type === 'symlink' || name.startsWith('.wh.') || name === parts.at(-1)
    ? 'crossing'
    : 'none'
}

const header = ({ content: _content, ...rest }: TarEntry): TarHeader => rest

async function findInTree<Value>(
  image: Pick<Image, 'layers'>,
  path: string,
  read: ReadFile<Value>,
): Promise<Found<Value>> {
  const found = lookup(await readTree(image.layers), path, MOUNTED)
  if (found.node === undefined) {
    const { reason, removedBy } = found
    return { kind: 'missing', reason, ...(removedBy === undefined ? {} : { removedBy }) }
  }
  const { layer, entry, header, type } = found.node
  if (header === undefined || type !== 'file')
    return { kind: 'other', layer, header: header ?? impliedFolder(path) }
  return { kind: 'file', layer, header, value: await readMember(image.layers[layer]!, entry, read) }
}

const impliedFolder = (path: string): TarHeader => ({
  path,
  type: 'directory',
  mode: 0o755,
  uid: 0,
  gid: 0,
  mtime: 0,
  size: 0,
})

/** Reads one member of a layer by its place, and the layer to its end, so that its digest is checked. */
export async function readMember<Value>(
  layer: Layer,
  place: number,
  read: ReadFile<Value>,
): Promise<Value> {
  let at = 0
  let result: { readonly value: Value } | undefined
  for await (const entry of layer.entries()) {
    if (at++ === place) result = { value: await read(entry) }
  }
  if (result !== undefined) return result.value
  throw new WaybillError(
    'ERR_INVALID_LAYER',
    `layer ${layer.descriptor.digest}: it changed while read`,
  )
}
