import { describe, type Content, type Descriptor } from '@waybill/core'
import { mediaTypes } from '@waybill/oci'

export interface TestImage extends Content {
  /** How often each digest was read. */
  readonly reads: Map<string, number>
}

export interface TestImageOptions {
  /** Text that makes the image another one. */
  readonly seed?: string
  readonly platforms?: readonly string[]
  /** Repositories that hold the layers of the base. */
  readonly origins?: readonly string[]
  /** Bytes of the own layer. */
  readonly size?: number
}

/** Content of an index: two base layers shared by its platforms, one layer and one config of each. Registries don't look into layers. */
export function testImage(options: TestImageOptions = {}): TestImage {
  const { seed = 'image', platforms = ['amd64', 'arm64'], origins, size = 1000 } = options
  const bytes = new Map<string, Uint8Array>()
  const add = (mediaType: string, content: Uint8Array | string): Descriptor => {
    const descriptor = describe(mediaType, Buffer.from(content))
    bytes.set(descriptor.digest, Buffer.from(content))
    return descriptor
  }
  const base = ['one', 'two'].map((name) => add(mediaTypes.layerGzip, `base layer ${name}`))
  const images = platforms.map((architecture) => {
    const config = add(mediaTypes.config, JSON.stringify({ architecture, os: 'linux', seed }))
    const layer = add(mediaTypes.layerGzip, `${seed} ${architecture} `.padEnd(size, '.'))
    const manifest = {
      schemaVersion: 2,
      mediaType: mediaTypes.manifest,
      config,
      layers: [...base, layer],
    }
    const descriptor = add(mediaTypes.manifest, JSON.stringify(manifest))
    return { config, layer, descriptor: { ...descriptor, platform: { os: 'linux', architecture } } }
  })
  const manifests = images.map(({ descriptor }) => descriptor)
  const index = { schemaVersion: 2, mediaType: mediaTypes.index, manifests }
  const subject = add(mediaTypes.index, JSON.stringify(index))
  const reads = new Map<string, number>()
  return {
    subject,
    manifests: [...manifests, subject].map((descriptor) => ({ descriptor })),
    blobs: [
      ...base.map((descriptor) => ({ descriptor, ...(origins === undefined ? {} : { origins }) })),
      ...images.flatMap(({ config, layer }) => [{ descriptor: config }, { descriptor: layer }]),
    ],
    reads,
    async *read({ digest }) {
      reads.set(digest, (reads.get(digest) ?? 0) + 1)
      yield bytes.get(digest)!
    },
  }
}
