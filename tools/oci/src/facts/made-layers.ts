import type { Digest, Platform } from '@waybill/core'
import type { TarHeader } from '@waybill/archive'

/** The one file of a layer that this process made, hashed while it went in. */
export interface MadeFile {
  readonly header: TarHeader
  readonly digest: Digest
  readonly size: number
  readonly platforms: readonly Platform[]
}

const made = new Map<Digest, MadeFile>()

/**
 * Remembers what a layer holds that was made here. A digest names its content for good, so what was hashed on its way in need not be unpacked
 * to be hashed again; whoever gets the image reads it by that same digest. Nothing of this is ever taken from a file.
 */
export function rememberMade(layer: Digest, file: MadeFile): void {
  made.set(layer, file)
}

/** The file at a path, where the layer was made here and brings just that. */
export function recallMade(layer: Digest | undefined, path: string): MadeFile | undefined {
  const file = layer === undefined ? undefined : made.get(layer)
  return file?.header.path === path.slice(1) ? file : undefined
}

/** Whether a layer was made here. */
export function isMade(layer: Digest): boolean {
  return made.has(layer)
}
