import { readImages, type Base, type Image, type ReadImagesOptions } from '@waybill/oci'

/**
 * Reads the images of a base, for a caller that picks some of them: what else its index lists (attestations, artifacts) is not passed on, so it is
 * passed over.
 * @throws {ERR_INVALID_IMAGE} {ERR_DIGEST_MISMATCH} {ERR_CONTENT_MISSING}
 */
export function readBase(
  { descriptor, source }: Base,
  options: Pick<ReadImagesOptions, 'platforms'> = {},
): Promise<readonly Image[]> {
  const content = { subject: descriptor, read: source.fetch.bind(source) }
  return readImages(content, { ...options, others: 'leave-out' })
}
