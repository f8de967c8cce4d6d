import {
  WaybillError,
  canonicalJson,
  compareText,
  describe,
  type Descriptor,
  type Digest,
} from '@waybill/core'
import { isIndexType, mediaTypes, parseIndex, parseManifest } from '@waybill/oci'
import type { RepositoryClient } from './place.ts'
import { putManifest } from './put-manifest.ts'
import { fallbackTag, readFallback, readReferrers } from './referrers.ts'

/** A manifest that was just written, or stood already. */
export interface WrittenManifest {
  readonly descriptor: Descriptor
  readonly bytes: Uint8Array
}

const TRIES = 5

/**
 * Makes a manifest with a subject be found from it: where a registry lacks the referrers API, its clients keep the list themselves, under
 * the fallback tag. OCI distribution-spec, "Pushing Manifests with Subject". Others may change the list at the same time, so it is read again.
 * @throws {ERR_READ_BACK} when others keep overwriting it, {ERR_REGISTRY} {ERR_NETWORK}
 */
export async function addReferrer(
  place: RepositoryClient,
  stored: WrittenManifest,
  signal?: AbortSignal,
): Promise<void> {
  const { subject, entry } = referrerOf(stored)
  if (subject === undefined || (await readReferrers(place, subject, signal)) !== undefined) return
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const listed = await readFallback(place, subject, signal)
    if (listed.some(({ digest }) => digest === entry.digest)) return
    await writeList(place, subject, [...listed, entry], signal)
  }
  throw new WaybillError(
    'ERR_READ_BACK',
    `${place.name}: ${entry.digest} was listed among the referrers of ${subject}, but is not there`,
    { hint: 'Others write this list at the same time; run the same again.' },
  )
}

async function writeList(
  place: RepositoryClient,
  subject: Digest,
  listed: readonly Descriptor[],
  signal: AbortSignal | undefined,
): Promise<void> {
  const manifests = listed.toSorted((a, b) => compareText(a.digest, b.digest))
  const index = { schemaVersion: 2, mediaType: mediaTypes.index, manifests }
  const bytes = Buffer.from(canonicalJson(index))
  const descriptor = describe(mediaTypes.index, bytes)
  await putManifest(place, { descriptor, bytes, tag: fallbackTag(subject) }, signal)
}

function referrerOf({ descriptor, bytes }: WrittenManifest): {
  readonly subject: Digest | undefined
  readonly entry: Descriptor
} {
  const { mediaType, digest, size } = descriptor
  const isIndex = isIndexType(mediaType)
  const manifest = isIndex ? parseIndex(bytes, digest) : parseManifest(bytes, digest)
  const type =
    manifest.artifactType ?? ('config' in manifest ? manifest.config.mediaType : undefined)
  const { annotations, subject } = manifest
  const entry = {
    mediaType,
    digest,
    size,
    ...(type === undefined ? {} : { artifactType: type }),
    ...(annotations === undefined ? {} : { annotations }),
  }
  return { subject: subject?.digest, entry }
}
