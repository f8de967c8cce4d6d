import { WaybillError, verified, type Descriptor } from '@waybill/core'
import type { Source } from '@waybill/oci'
import type { Document } from './image.ts'
import { openLayer, type StoredLayer } from './layer-store.ts'

/** Serves a made base: its documents from memory, its layers from the cache, all verified. */
export function baseSource(
  reference: string,
  documents: readonly Document[],
  layers: readonly StoredLayer[],
): Source {
  const byDigest = new Map(documents.map((document) => [document.descriptor.digest, document]))
  const files = new Map(layers.map((layer) => [layer.digest, layer]))
  const index = documents.at(-1)!.descriptor

  function open({ digest }: Descriptor): Iterable<Uint8Array> | AsyncIterable<Uint8Array> {
    const layer = files.get(digest)
    if (layer !== undefined) return openLayer(layer)
    const document = byDigest.get(digest)
    if (document !== undefined) return [document.bytes]
    throw new WaybillError('ERR_CONTENT_MISSING', `The base ${reference} holds no ${digest}`)
  }

  return {
    name: reference,
    resolve(name) {
      const found = [...byDigest.values()].find(({ descriptor }) => descriptor.digest === name)
      const descriptor = name === reference ? index : found?.descriptor
      if (descriptor !== undefined) return Promise.resolve(descriptor)
      return Promise.reject(
        new WaybillError('ERR_NOT_FOUND', `The base ${reference} has no ${name}`),
      )
    },
    async *fetch(descriptor) {
      yield* verified(descriptor, open(descriptor), `${reference} (${descriptor.digest})`)
    },
  }
}
