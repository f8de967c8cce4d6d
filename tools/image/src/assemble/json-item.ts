import { canonicalJson, describe, type Descriptor } from '@waybill/core'

/** A document of an image, as canonical JSON. */
export interface JsonItem {
  readonly descriptor: Descriptor
  open(): AsyncGenerator<Uint8Array, void, undefined>
}

/** Makes a document that is the same for equal values. */
export function jsonItem(mediaType: string, value: unknown): JsonItem {
  const bytes = Buffer.from(canonicalJson(value))
  return {
    descriptor: describe(mediaType, bytes),
    async *open() {
      yield bytes
    },
  }
}

/** Seconds since 1970 as RFC 3339. */
export function timestamp(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace('.000Z', 'Z')
}
