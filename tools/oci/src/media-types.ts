/** Media types of the OCI image-spec (media-types.md), and of Docker's schema 2, which are read and never written. */
export const mediaTypes = {
  index: 'application/vnd.oci.image.index.v1+json',
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  config: 'application/vnd.oci.image.config.v1+json',
  layer: 'application/vnd.oci.image.layer.v1.tar',
  layerGzip: 'application/vnd.oci.image.layer.v1.tar+gzip',
  layerZstd: 'application/vnd.oci.image.layer.v1.tar+zstd',
  empty: 'application/vnd.oci.empty.v1+json',
  dockerIndex: 'application/vnd.docker.distribution.manifest.list.v2+json',
  dockerManifest: 'application/vnd.docker.distribution.manifest.v2+json',
  dockerConfig: 'application/vnd.docker.container.image.v1+json',
  dockerLayer: 'application/vnd.docker.image.rootfs.diff.tar',
  dockerLayerGzip: 'application/vnd.docker.image.rootfs.diff.tar.gzip',
} as const

/** Whether a media type is that of an image's configuration. */
export function isConfigType(mediaType: string): boolean {
  return mediaType === mediaTypes.config || mediaType === mediaTypes.dockerConfig
}

// Those that are written and those that are read: not to be distributed freely, or by Docker's names. The bytes themselves tell how they are compressed.
const LAYERS: ReadonlySet<string> = new Set([
  mediaTypes.layer,
  mediaTypes.layerGzip,
  mediaTypes.layerZstd,
  'application/vnd.oci.image.layer.nondistributable.v1.tar',
  'application/vnd.oci.image.layer.nondistributable.v1.tar+gzip',
  'application/vnd.oci.image.layer.nondistributable.v1.tar+zstd',
  mediaTypes.dockerLayer,
  mediaTypes.dockerLayerGzip,
  'application/vnd.docker.image.rootfs.diff.tar.zstd',
  'application/vnd.docker.image.rootfs.foreign.diff.tar',
  'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip',
])

/** Whether a media type is that of a layer which every engine lays upon the others; encrypted ones are not. */
export function isLayerType(mediaType: string): boolean {
  return LAYERS.has(mediaType)
}

/** Whether a media type is that of an index (a manifest list). */
export function isIndexType(mediaType: string): boolean {
  return mediaType === mediaTypes.index || mediaType === mediaTypes.dockerIndex
}

/** Whether a media type is that of an index or of an image manifest. */
export function isManifestType(mediaType: string): boolean {
  return (
    isIndexType(mediaType) ||
    mediaType === mediaTypes.manifest ||
    mediaType === mediaTypes.dockerManifest
  )
}

const FROM_DOCKER: Readonly<Record<string, string>> = {
  [mediaTypes.dockerIndex]: mediaTypes.index,
  [mediaTypes.dockerManifest]: mediaTypes.manifest,
  [mediaTypes.dockerConfig]: mediaTypes.config,
  [mediaTypes.dockerLayer]: mediaTypes.layer,
  [mediaTypes.dockerLayerGzip]: mediaTypes.layerGzip,
}

/** The OCI media type of content named by Docker's; any other as it is. The content and its digest are the same. */
export function toOciType(mediaType: string): string {
  return FROM_DOCKER[mediaType] ?? mediaType
}
