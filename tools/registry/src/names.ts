import {
  WaybillError,
  collect,
  isDigest,
  isWaybillError,
  messageOf,
  type Content,
  type Descriptor,
  type NamedDigest,
} from '@waybill/core'
import { MANIFEST_LIMIT } from '@waybill/oci'
import { asUnknownAnswer } from './errors.ts'
import { findTag, getTag } from './absence.ts'
import { getManifest } from './find-manifest.ts'
import type { RepositoryClient } from './place.ts'
import { putManifest, readBackError } from './put-manifest.ts'
import { removeManifest } from './remove-manifest.ts'
import { noteTag } from './tag-lists.ts'

/** What a tag points at, as far as the registry says; undefined where it is surely absent. @throws {ERR_UNKNOWN_STATE} */
export async function observe(
  place: RepositoryClient,
  name: string,
  signal: AbortSignal,
): Promise<NamedDigest | undefined> {
  try {
    return await findTag(place, name, signal)
  } catch (error) {
    throw asUnknownAnswer(error, `What ${place.name}:${name} points at`)
  }
}

/**
 * What a tag points at by the bytes it hands out: a header may say one thing and the body another.
 * @throws {ERR_READ_BACK} where the two differ, {ERR_UNKNOWN_STATE}
 */
export async function readName(
  place: RepositoryClient,
  name: string,
  signal: AbortSignal,
): Promise<NamedDigest | undefined> {
  try {
    return (await getTag(place, name, signal))?.descriptor.digest
  } catch (error) {
    if (!isWaybillError(error, 'ERR_DIGEST_MISMATCH'))
      throw asUnknownAnswer(error, `What ${place.name}:${name} hands out`)
    const { expected, found } = error.details
    throw new WaybillError(
      'ERR_READ_BACK',
      `${place.name}:${name} is said to be ${String(expected)}, but hands out ${String(found)}`,
      {
        hint: 'The registry, or a cache before it, hands out other bytes than it names. Ask those who run it; do not pull this name.',
        details: { repository: place.name, reference: name, expected, found },
        cause: error,
      },
    )
  }
}

export interface SetName {
  readonly name: string
  readonly digest: NamedDigest
  readonly content: Content
  /** What it pointed at when it was last looked at. */
  readonly previous: NamedDigest | undefined
  /** That was a moment ago. @default false */
  readonly looked?: boolean | undefined
}

/**
 * Points a tag at a digest and reads it back. A registry cannot compare and set, so it is looked at just before, unless the caller has done
 * that: what is there already is not written again, and a third value stops.
 * @throws {ERR_STALE_PLAN} {ERR_READ_BACK} {ERR_TAG_IMMUTABLE} {ERR_UNKNOWN_STATE}
 */
export async function setName(
  place: RepositoryClient,
  set: SetName,
  signal: AbortSignal,
): Promise<void> {
  const { name, digest, previous } = set
  const standing = set.looked === true ? previous : await observe(place, name, signal)
  if (standing === digest) return
  if (standing !== previous) throw stale(place, set, standing)
  await putManifest(place, { ...(await manifestOf(place, set, signal)), tag: name }, signal)
  noteTag(place, name, true)
  await readBack(place, name, digest, signal)
}

async function manifestOf(
  place: RepositoryClient,
  { digest, content }: SetName,
  signal: AbortSignal,
): Promise<{ descriptor: Descriptor; bytes: Uint8Array }> {
  const known = content.manifests.find(({ descriptor }) => descriptor.digest === digest)
  if (known === undefined) return standingManifest(place, digest, signal)
  const { descriptor } = known
  return { descriptor, bytes: await collect(content.read(descriptor), MANIFEST_LIMIT, digest) }
}

async function standingManifest(
  place: RepositoryClient,
  digest: NamedDigest,
  signal: AbortSignal,
): Promise<{ descriptor: Descriptor; bytes: Uint8Array }> {
  const found = isDigest(digest) ? await getManifest(place, digest, signal) : undefined
  if (found !== undefined) return found
  throw new WaybillError('ERR_CONTENT_MISSING', `${place.name}: ${digest} is not there`, {
    details: { where: place.name, digest },
  })
}

async function readBack(
  place: RepositoryClient,
  name: string,
  expected: NamedDigest,
  signal: AbortSignal,
): Promise<void> {
  const found = await observe(place, name, signal)
  if (found !== expected) throw readBackError(place, name, expected, found ?? 'nothing')
}

function stale(
  place: RepositoryClient,
  set: SetName,
  found: NamedDigest | undefined,
): WaybillError {
  const { name, digest: expected, previous } = set
  return new WaybillError(
    'ERR_STALE_PLAN',
    `${place.name}:${name} stands at ${found ?? 'nothing'}; the plan saw ${previous ?? 'nothing'} there and wants ${expected}`,
    {
      details: { repository: place.name, name, found, previous, expected },
    },
  )
}

/**
 * Puts a tag back to what it was; undefined: removes it, where the registry can.
 * @throws {ERR_NOT_RESTORABLE} {ERR_READ_BACK} {ERR_CONTENT_MISSING}
 */
export async function restoreName(
  place: RepositoryClient,
  name: string,
  digest: NamedDigest | undefined,
  signal: AbortSignal,
): Promise<void> {
  const standing = await observe(place, name, signal).catch((error: unknown) => {
    // One that leads nowhere can be led to something again: nobody can have pulled it.
    if (isWaybillError(error) && error.details['phantom'] === true) return 'nowhere'
    throw error
  })
  if (standing === digest) return
  if (digest === undefined) return untag(place, name, signal)
  await putManifest(
    place,
    { ...(await standingManifest(place, digest, signal)), tag: name },
    signal,
  )
  noteTag(place, name, true)
  await readBack(place, name, digest, signal)
}

// By tag, never by digest: that would take every other tag of the same content along. OCI distribution-spec, "Deleting tags".
async function untag(place: RepositoryClient, name: string, signal: AbortSignal): Promise<void> {
  try {
    await removeManifest(place, name, signal)
    noteTag(place, name, false)
  } catch (error) {
    if (isWaybillError(error, 'ERR_NOT_FOUND')) return
    const message = `${place.name}:${name} was absent before and cannot be removed: ${messageOf(error)}`
    throw new WaybillError('ERR_NOT_RESTORABLE', message, {
      hint: 'Remove the tag by hand, or let it stand: it points at content that was published whole.',
      details: { repository: place.name, name },
      cause: error,
    })
  }
}
