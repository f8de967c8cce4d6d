import { gzip, writeTar, type TarInput } from '@waybill/archive'
import {
  canonicalJson,
  collect,
  describe,
  digestOf,
  type Content,
  type Descriptor,
} from '@waybill/core'
import { createMemory, loadContent, mediaTypes, type Target } from '@waybill/oci'

/** A part of an image as no honest tool would write it: what is left out is as it should be. */
export interface OddImage {
  readonly layers: readonly (readonly TarInput[])[]
  /** Tar archives made otherwise, in the place of these layers. */
  readonly tars?: Readonly<Record<number, Uint8Array>>
  readonly layerType?: string
  readonly manifestType?: string
  readonly configType?: string
  /** Laid over the configuration. */
  readonly config?: Readonly<Record<string, unknown>>
  /** Laid over the manifest. */
  readonly manifest?: Readonly<Record<string, unknown>>
  /** Laid over the descriptor of every layer. */
  readonly layer?: Readonly<Record<string, unknown>>
}

/** Puts any bytes into a target. */
export async function pushBytes(
  target: Target,
  mediaType: string,
  bytes: Uint8Array,
): Promise<Descriptor> {
  const descriptor = describe(mediaType, bytes)
  await target.push(descriptor, async function* () {
    yield bytes
  })
  return descriptor
}

/** Puts any JSON into a target. */
export const pushJson = (target: Target, mediaType: string, value: unknown): Promise<Descriptor> =>
  pushBytes(target, mediaType, Buffer.from(canonicalJson(value)))

/** Puts an image for linux/amd64 into a target. */
export async function pushOdd(target: Target, image: OddImage): Promise<Descriptor> {
  const tars = await Promise.all(
    image.layers.map(
      async (entries, place) => image.tars?.[place] ?? collect(writeTar(entries), 1e8, 'layer'),
    ),
  )
  const layerType = image.layerType ?? mediaTypes.layerGzip
  const layers = await Promise.all(
    tars.map(async (tar) => {
      const packed = await collect(gzip([tar], { level: 6 }), 1e8, 'layer')
      return { ...(await pushBytes(target, layerType, packed)), ...image.layer }
    }),
  )
  const rootfs = { type: 'layers', diff_ids: tars.map((tar) => digestOf(tar)) }
  const config = {
    os: 'linux',
    architecture: 'amd64',
    config: { Entrypoint: ['/usr/bin/hello'] },
    rootfs,
    ...image.config,
  }
  const mediaType = image.manifestType ?? mediaTypes.manifest
  const manifest = {
    schemaVersion: 2,
    mediaType,
    config: await pushJson(target, image.configType ?? mediaTypes.config, config),
    layers,
    ...image.manifest,
  }
  return pushJson(target, mediaType, manifest)
}

/** Puts an index of any entries into a target. */
export const pushEntries = (
  target: Target,
  manifests: readonly object[],
  mediaType: string = mediaTypes.index,
): Promise<Descriptor> => pushJson(target, mediaType, { schemaVersion: 2, mediaType, manifests })

/** A new target, filled by `make`, as the content of what it returns. */
export async function oddContent(make: (target: Target) => Promise<Descriptor>): Promise<Content> {
  const target = createMemory()
  return loadContent(target, await make(target))
}

/** How BuildKit marks an attestation of an image of the same index. */
export const attests = ({ digest }: Pick<Descriptor, 'digest'>): object => ({
  platform: { os: 'unknown', architecture: 'unknown' },
  annotations: {
    'vnd.docker.reference.type': 'attestation-manifest',
    'vnd.docker.reference.digest': digest,
  },
})

/** What BuildKit says of an image, with one statement. */
export const STATEMENT: OddImage = {
  layers: [[]],
  layerType: 'application/vnd.in-toto+json',
  config: { os: 'unknown', architecture: 'unknown', config: {} },
}
