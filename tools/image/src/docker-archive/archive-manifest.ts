import { WaybillError, parseJson } from '@waybill/core'
import { fieldsOf } from '@waybill/oci/internal'
import { ARCHIVE_SHAPE } from './archive-shape.ts'

/** One image of an archive's `manifest.json`. */
export interface ArchivedImage {
  readonly config: string
  readonly tags: readonly string[]
  readonly layers: readonly string[]
}

/** Reads an archive's `manifest.json`. @throws {ERR_INVALID_IMAGE} {ERR_INVALID_JSON} {ERR_AMBIGUOUS_JSON} */
export function parseArchiveManifest(bytes: Uint8Array | undefined): readonly ArchivedImage[] {
  const where = 'docker archive: manifest.json'
  if (bytes === undefined) {
    throw new WaybillError('ERR_INVALID_IMAGE', `${where} is missing`, {
      hint: 'The stream is no docker archive, or was written by an engine of before 2016.',
    })
  }
  const list = parseJson(bytes, where, ARCHIVE_SHAPE)
  const fields = fieldsOf({ images: list }, where)
  return fields.list('images').map((image) => ({
    config: image.text('Config'),
    tags: image.textList('RepoTags') ?? [],
    layers: image.textList('Layers') ?? [],
  }))
}

/** Picks the image of a tag; without one the only image. @throws {ERR_NOT_FOUND} {ERR_AMBIGUOUS_REFERENCE} */
export function pickImage(
  images: readonly ArchivedImage[],
  tag: string | undefined,
): ArchivedImage {
  const found = tag === undefined ? images : images.filter(({ tags }) => tags.includes(tag))
  const [first, second] = found
  if (first !== undefined && second === undefined) return first
  const names = images.map(({ tags, config }) => tags.join(' ') || config).join(', ')
  if (first === undefined)
    throw new WaybillError(
      'ERR_NOT_FOUND',
      `docker archive: expected ${tag === undefined ? 'an image' : `"${tag}"`}, found ${names || 'none'}`,
    )
  throw new WaybillError('ERR_AMBIGUOUS_REFERENCE', `docker archive: holds ${names}`, {
    hint: 'Name one of them by its tag.',
    outcome: 'usage',
  })
}
