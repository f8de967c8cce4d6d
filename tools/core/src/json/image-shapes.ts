import { freeKeys, knows, type JsonShape } from './json-keys.ts'

/** OCI image-spec, image-index.md: `platform`; `features` is Docker's. */
const PLATFORM_SHAPE: JsonShape = knows([
  'architecture',
  'os',
  'os.version',
  'os.features',
  'variant',
  'features',
])

/** OCI image-spec, descriptor.md. */
export const DESCRIPTOR_SHAPE: JsonShape = knows(
  ['mediaType', 'digest', 'size', 'urls', 'data', 'artifactType'],
  { platform: PLATFORM_SHAPE, annotations: freeKeys() },
)

/**
 * Manifest and index in one, as Docker's schema 1 and 2 and the image-spec have them: what kind a document is follows from its fields, so none of either may be
 * spelled otherwise.
 */
export const MANIFEST_SHAPE: JsonShape = knows(
  ['schemaVersion', 'mediaType', 'artifactType', 'fsLayers', 'history', 'signatures'],
  {
    config: DESCRIPTOR_SHAPE,
    layers: DESCRIPTOR_SHAPE,
    manifests: DESCRIPTOR_SHAPE,
    blobs: DESCRIPTOR_SHAPE,
    subject: DESCRIPTOR_SHAPE,
    annotations: freeKeys(),
  },
)
