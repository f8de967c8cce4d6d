import { MANIFEST_SHAPE, assertFewValues, parseJson, type Descriptor } from '@waybill/core'
import { isIndexType, mediaTypes } from './media-types.ts'
import { fieldsOf, parseDescriptor, type Fields } from './validate.ts'

/** What one image is made of. OCI image-spec, manifest.md. */
export interface Manifest {
  readonly schemaVersion: 2
  readonly mediaType: string
  readonly artifactType?: string
  readonly config: Descriptor
  readonly layers: readonly Descriptor[]
  readonly subject?: Descriptor
  readonly annotations?: Readonly<Record<string, string>>
}

/** The images of one name, one for each platform. OCI image-spec, image-index.md. */
export interface Index {
  readonly schemaVersion: 2
  readonly mediaType: string
  readonly artifactType?: string
  readonly manifests: readonly Descriptor[]
  readonly subject?: Descriptor
  readonly annotations?: Readonly<Record<string, string>>
}

/** The most that a manifest may be long, in bytes; registries refuse more. OCI distribution-spec, "Pushing Manifests". */
export const MANIFEST_LIMIT: number = 4 * 1024 * 1024

/**
 * Reads an image manifest. `where` names it, for the error.
 * @throws {ERR_INVALID_JSON} {ERR_AMBIGUOUS_JSON} {ERR_INVALID_IMAGE}
 */
export function parseManifest(bytes: Uint8Array, where: string): Manifest {
  const fields = head(bytes, where)
  if (fields.value['manifests'] !== undefined)
    throw fields.fail('manifests', 'absent in a manifest')
  return {
    schemaVersion: 2,
    mediaType: fields.optionalText('mediaType') ?? mediaTypes.manifest,
    config: fields.descriptor('config'),
    layers: descriptors(fields, 'layers'),
    ...extras(fields),
  }
}

/**
 * Reads an index. `where` names it, for the error.
 * @throws {ERR_INVALID_JSON} {ERR_AMBIGUOUS_JSON} {ERR_INVALID_IMAGE}
 */
export function parseIndex(bytes: Uint8Array, where: string): Index {
  const fields = head(bytes, where)
  // The same bytes must not mean one thing to one tool and another to the next (CVE-2021-41190).
  if (fields.value['layers'] !== undefined || fields.value['config'] !== undefined)
    throw fields.fail('config and layers', 'absent in an index')
  return {
    schemaVersion: 2,
    mediaType: fields.optionalText('mediaType') ?? mediaTypes.index,
    manifests: descriptors(fields, 'manifests'),
    ...extras(fields),
  }
}

// More than forty thousand entries can have, which is the most that is read.
const MAX_VALUES = 700_000

function head(bytes: Uint8Array, where: string): Fields {
  assertFewValues(bytes, MAX_VALUES, where)
  const fields = fieldsOf(parseJson(bytes, where, MANIFEST_SHAPE), where)
  if (fields.value['schemaVersion'] !== 2) throw fields.fail('schemaVersion', '2')
  return fields
}

function descriptors(fields: Fields, field: string): readonly Descriptor[] {
  return fields
    .list(field)
    .map((item, index) => parseDescriptor(item.value, `${fields.where} ${field}[${index}]`))
}

function extras(fields: Fields): Pick<Manifest, 'artifactType' | 'subject' | 'annotations'> {
  const artifactType = fields.optionalText('artifactType')
  const annotations = fields.texts('annotations')
  return {
    ...(artifactType === undefined ? {} : { artifactType }),
    ...(fields.fields('subject') === undefined ? {} : { subject: fields.descriptor('subject') }),
    ...(annotations === undefined ? {} : { annotations }),
  }
}

/** The media type that bytes of a manifest claim for themselves, where a name alone is known. @throws {ERR_INVALID_IMAGE} */
export function mediaTypeOf(bytes: Uint8Array, where: string): string {
  const fields = head(bytes, where)
  const said = fields.optionalText('mediaType')
  if (said !== undefined) return said
  return fields.value['manifests'] === undefined ? mediaTypes.manifest : mediaTypes.index
}

/** The descriptors a manifest or index points at, manifests and blobs apart. */
export function childrenOf(
  bytes: Uint8Array,
  mediaType: string,
  where: string,
): { readonly manifests: readonly Descriptor[]; readonly blobs: readonly Descriptor[] } {
  if (isIndexType(mediaType)) return { manifests: parseIndex(bytes, where).manifests, blobs: [] }
  const { config, layers } = parseManifest(bytes, where)
  return { manifests: [], blobs: [config, ...layers] }
}
