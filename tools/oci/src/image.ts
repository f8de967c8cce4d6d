import { mapLimit, type Content, type Descriptor } from '@waybill/core'
import { isForNoPlatform, missingInAttestation } from './attestation.ts'
import { DEEPEST, createBudget, tooDeep, type Budget } from './budget.ts'
import { readManifestBytes, type ReadItem } from './content.ts'
import { parseIndex } from './manifest.ts'
import { isConfigType, isIndexType, isManifestType } from './media-types.ts'
import { ALONE, invalidImage, readImage, readManifest } from './read-image.ts'
import type { Image, ReadImagesOptions } from './image-types.ts'

/**
 * Reads the images of a content, manifests and configurations only. Every entry of an index is an image; the one exception is an attestation as
 * BuildKit writes it, which no engine runs. Whatever is neither is refused.
 * @throws {ERR_INVALID_IMAGE} {ERR_DIGEST_MISMATCH} {ERR_CONTENT_MISSING} {ERR_TOO_LARGE}
 */
export async function readImages(
  content: Pick<Content, 'subject' | 'read'>,
  options: ReadImagesOptions = {},
): Promise<readonly Image[]> {
  const { subject } = content
  const budget = createBudget(subject)
  const reading = { read: (one: Descriptor) => content.read(one), options, budget }
  if (isIndexType(subject.mediaType)) return readIndex(subject, reading, [])
  if (!isManifestType(subject.mediaType)) throw notUnderstood(subject)
  budget.take(subject)
  return [await readImage(subject, await readManifest(subject, reading.read), reading)]
}

interface Reading {
  readonly read: ReadItem
  readonly options: ReadImagesOptions
  readonly budget: Budget
}

const AT_ONCE = 8

async function readIndex(
  descriptor: Descriptor,
  reading: Reading,
  around: readonly Descriptor[],
): Promise<readonly Image[]> {
  if (around.length > DEEPEST) throw tooDeep(descriptor)
  reading.budget.take(descriptor)
  const bytes = await readManifestBytes(reading.read, descriptor)
  const { manifests } = parseIndex(bytes, descriptor.digest)
  const picked = manifests.filter((entry) => isPicked(entry, reading.options))
  const each = await mapLimit(picked, AT_ONCE, (entry) =>
    isIndexType(entry.mediaType)
      ? readIndex(entry, reading, [...around, descriptor])
      : readEntry(entry, manifests, reading),
  )
  const { platform } = descriptor
  const images = each.flat()
  if (platform === undefined) return images
  return images.map((image) => ({ ...image, within: [...(image.within ?? []), platform] }))
}

function isPicked(entry: Descriptor, { platforms, others }: ReadImagesOptions): boolean {
  const { platform, mediaType } = entry
  if (others === 'leave-out' && (isForNoPlatform(entry) || !isManifestType(mediaType))) return false
  if (platform === undefined || platforms === undefined) return true
  const { os, architecture } = platform
  return platforms.some((one) => one.os === os && one.architecture === architecture)
}

async function readEntry(
  entry: Descriptor,
  siblings: readonly Descriptor[],
  reading: Reading,
): Promise<readonly Image[]> {
  const { read, options, budget } = reading
  if (!isManifestType(entry.mediaType)) throw notUnderstood(entry)
  budget.take(entry)
  const manifest = await readManifest(entry, read)
  if (options.others === 'leave-out' && !isConfigType(manifest.config.mediaType)) return []
  if (!isForNoPlatform(entry)) return [await readImage(entry, manifest, reading)]
  const missing = missingInAttestation(entry, siblings, manifest)
  if (missing === undefined) return []
  throw invalidImage(entry, `neither an image nor an attestation: ${missing}`, ALONE)
}

const notUnderstood = (entry: Descriptor): Error =>
  invalidImage(entry, `${entry.mediaType} is neither an image nor an index`, ALONE)
