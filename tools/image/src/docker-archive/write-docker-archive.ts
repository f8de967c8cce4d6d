import { canonicalJson, collect, type Content } from '@waybill/core'
import { writeTar, type TarInput } from '@waybill/archive'
import type { Image } from '@waybill/oci'

export interface WriteDockerArchiveOptions {
  /** What `docker load` will call it: `acme/hello:1.2.3`. @default nothing */
  readonly tag?: string | undefined
}

/**
 * Writes one image as `docker load` reads it, as a stream: the same bytes for the same image. Layers stay compressed as they are.
 * @throws {ERR_DIGEST_MISMATCH} {ERR_CONTENT_MISSING}
 */
export async function* writeDockerArchive(
  content: Pick<Content, 'read'>,
  image: Image,
  options: WriteDockerArchiveOptions = {},
): AsyncGenerator<Uint8Array, void, undefined> {
  const { manifest } = image
  const config = await collect(content.read(manifest.config), 16 * 1024 * 1024, 'configuration')
  const layers = new Map(image.layers.map((layer) => [`${hex(layer.descriptor)}/layer.tar`, layer]))
  const list = [
    {
      Config: `${hex(manifest.config)}.json`,
      RepoTags: options.tag === undefined ? null : [options.tag],
      Layers: image.layers.map(({ descriptor }) => `${hex(descriptor)}/layer.tar`),
    },
  ]
  yield* writeTar([
    ...[...layers].map(([path, { descriptor, open }]): TarInput => ({
      path,
      type: 'file',
      size: descriptor.size,
      content: open,
    })),
    document(`${hex(manifest.config)}.json`, config),
    document('manifest.json', Buffer.from(canonicalJson(list))),
  ])
}

function document(path: string, bytes: Uint8Array): TarInput {
  return { path, type: 'file', size: bytes.byteLength, content: bytes }
}

const hex = ({ digest }: { readonly digest: string }): string => digest.split(':')[1]!
