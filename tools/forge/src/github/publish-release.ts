import { WaybillError, type NamedDigest } from '@waybill/core'
import { pageOf, updateRelease } from './draft.ts'
import { LATEST, keepLatest, makeLatest } from './latest.ts'
import { findLatest, findReleases } from './release.ts'
import { assertTag } from './tags.ts'
import type { GithubReleaseTarget } from './release-target.ts'

interface SetRelease {
  /** The release's tag, or one of its files. */
  readonly name: string
  readonly digest: NamedDigest
  /** Whether it becomes the latest as soon as everything stands. */
  readonly movesLatest: boolean
}

/**
 * Publishes the draft and reads it back; its files stand under their names since they were uploaded. Tells whether it is the latest
 * by that already: the first release cannot but be.
 * @throws {ERR_IMMUTABLE_TAG} {ERR_READ_BACK}
 */
export async function publishRelease(
  target: GithubReleaseTarget,
  { name, digest, movesLatest }: SetRelease,
  signal?: AbortSignal,
): Promise<readonly string[]> {
  const { place, release } = target
  const isDue = name === release.tag && !target.draft
  const moved = isDue ? await undraft(target, movesLatest, signal) : []
  const found = await target.look.name(name, signal)
  if (found === digest) return moved
  throw new WaybillError(
    'ERR_READ_BACK',
    `${place.name}: ${name} was written as ${digest}, but read back as ${found ?? 'absent'}`,
    { details: { destination: place.name, name, wanted: digest, found } },
  )
}

// It becomes the latest last of all; where nothing could keep it from being so at once, that is said and told.
async function undraft(
  target: GithubReleaseTarget,
  movesLatest: boolean,
  signal: AbortSignal | undefined,
): Promise<readonly string[]> {
  const { place, release, prerelease } = target
  const { published, drafts } = await findReleases(place, release.tag, signal)
  const [draft] = drafts
  if (published !== undefined || draft === undefined) return []
  await assertTag(place, release, signal)
  if (!movesLatest && !prerelease) await keepLatest(place, release.tag, signal)
  const json = { ...pageOf(target, draft), draft: false, make_latest: 'false' }
  const made = await updateRelease(place, draft, { json, signal })
  const isLatest = movesLatest && (await findLatest(place, signal))?.id === made.id
  if (!isLatest) return []
  await makeLatest(place, made, signal)
  return [LATEST]
}
