import {
  canonicalJson,
  digestOf,
  plainCopy,
  WaybillError,
  type Artifact,
  type Content,
  type Destination,
  type ProvenImage,
} from '@waybill/core'
import { sealProof } from '@waybill/core/internal'

/** The media type of the list that stands for a release of files: an array of name, digest and size. */
export const FILES_MEDIA_TYPE = 'application/vnd.waybill.files.v1+json'

/**
 * A release that has no image, as content that may be published: a tag, a page at a forge, packages. Its subject is the list of its
 * files, which may be empty; destinations that hold the files themselves are given them when they are made.
 */
export function releasedFiles(given: readonly Artifact[] = []): ProvenImage {
  const artifacts = plainCopy(given)
  const list = artifacts.map(({ name, digest, size }) => ({ name, digest, size }))
  const bytes = Buffer.from(canonicalJson(list))
  const subject = {
    mediaType: FILES_MEDIA_TYPE,
    digest: digestOf(bytes),
    size: bytes.byteLength,
  }
  const content: Content = {
    subject,
    manifests: [],
    blobs: [],
    async *read({ digest }) {
      if (digest === subject.digest) return yield await Promise.resolve(bytes)
      throw new WaybillError('ERR_CONTENT_MISSING', `The list of released files is not ${digest}`)
    },
  }
  return sealProof(content, { kind: 'files' }, artifacts)
}

/** Checks that none but an image goes to a repository of images. @throws {ERR_NO_IMAGE} naming those. */
export function assertImageFor(
  destinations: readonly Pick<Destination, 'kind' | 'name'>[],
  { proof }: ProvenImage,
): void {
  const images = destinations.filter(({ kind }) => kind === 'oci').map(({ name }) => name)
  if (proof.kind !== 'files' || images.length === 0) return
  throw new WaybillError(
    'ERR_NO_IMAGE',
    `${images.join(', ')}: these hold images, but this release has files alone`,
    {
      hint: 'Assemble an image and prove it, or publish the files to git, a forge or npm only.',
      outcome: 'usage',
      details: { destinations: images },
    },
  )
}
