import type { Descriptor, Digest, Platform } from '@waybill/core'
import type { TarEntry } from '@waybill/archive'
import type { ImageConfig } from './image-config.ts'
import type { Manifest } from './manifest.ts'

/** One layer of an image, ready to be read any number of times. */
export interface Layer {
  readonly descriptor: Descriptor
  /** The digest of the layer's tar archive, uncompressed. */
  readonly diffId: Digest
  /** Its bytes as they are stored, usually compressed. */
  open(): AsyncIterable<Uint8Array>
  /** Its members; what was read is known to be right only when the end has come without an error. */
  entries(): AsyncIterable<TarEntry>
}

/** The image of one platform. */
export interface Image {
  /** As the index says; where it says nothing, as the configuration does. */
  readonly platform: Platform
  readonly descriptor: Descriptor
  readonly manifest: Manifest
  readonly config: ImageConfig
  /** From the lowest to the topmost. */
  readonly layers: readonly Layer[]
  /** What the indexes around the image's own say of its platform, where it lies in more than one. */
  readonly within?: readonly Platform[]
}

export interface ReadImagesOptions {
  /** Leaves out what the index says is for another system or architecture; variants stay. @default all are read */
  readonly platforms?: readonly Platform[] | undefined
  /**
   * What becomes of entries that are neither image nor attestation: `refuse` them, since an engine may run them, or `leave-out`, for a caller
   * that picks an image to build upon, and passes nothing else on. @default 'refuse'
   */
  readonly others?: 'refuse' | 'leave-out' | undefined
}
