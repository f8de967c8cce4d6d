import { WaybillError, type NamedDigest } from '@waybill/core'
import { updateRelease } from './draft.ts'
import type { GithubClient } from './place.ts'
import { findLatest, findPublished, type GithubRelease } from './release.ts'

/** The forge's one rolling name, as receipts and plans call it. */
export const LATEST = 'latest'

/** What `latest` leads to, as a release by its tag. */
export async function observeLatest(
  place: GithubClient,
  signal?: AbortSignal,
): Promise<NamedDigest | undefined> {
  const latest = await findLatest(place, signal)
  return latest === undefined ? undefined : `release:${latest.tag}`
}

interface SetLatest {
  readonly digest: NamedDigest
  /** What it led to when it was last looked at. */
  readonly previous: NamedDigest | undefined
}

/**
 * Makes a release the latest. GitHub cannot compare and set, so it is looked at just before, and read back.
 * @throws {ERR_STALE_PLAN} {ERR_READ_BACK}
 */
export async function setLatest(
  place: GithubClient,
  { digest, previous }: SetLatest,
  signal?: AbortSignal,
): Promise<void> {
  const standing = await observeLatest(place, signal)
  if (standing !== previous && standing !== digest)
    throw stale(place, { digest, previous }, standing)
  await moveLatest(place, digest, signal)
}

/** Makes a release the latest, whichever was. @throws {ERR_NOT_RESTORABLE} {ERR_READ_BACK} */
export async function moveLatest(
  place: GithubClient,
  digest: NamedDigest | undefined,
  signal?: AbortSignal,
): Promise<void> {
  if (digest === undefined) throw notRestorable(place, LATEST)
  const tag = digest.replace(/^release:/, '')
  const release = await findPublished(place, tag, signal)
  if (release === undefined)
    throw new WaybillError('ERR_READ_BACK', `${place.name}: the release ${tag} is not published`)
  await makeLatest(place, release, signal)
  const found = await observeLatest(place, signal)
  if (found === digest) return
  throw new WaybillError(
    'ERR_READ_BACK',
    `${place.name}: latest was moved to ${digest}, but read back as ${found ?? 'nothing'}`,
    { details: { destination: place.name, name: LATEST, wanted: digest, found } },
  )
}

/**
 * Makes what counts as the latest stay so. Where nobody ever said which release it is, GitHub takes the one of the newest commit: a
 * backport that is published after it would take its place, `make_latest: false` or not.
 */
export async function keepLatest(
  place: GithubClient,
  tag: string,
  signal?: AbortSignal,
): Promise<void> {
  const latest = await findLatest(place, signal)
  if (latest !== undefined && latest.tag !== tag) await makeLatest(place, latest, signal)
}

/** Says of a published release that it is the latest. */
export function makeLatest(
  place: GithubClient,
  release: GithubRelease,
  signal: AbortSignal | undefined,
): Promise<GithubRelease> {
  return updateRelease(place, release, { json: { make_latest: 'true' }, signal })
}

function stale(
  { name }: GithubClient,
  { digest, previous }: SetLatest,
  found: NamedDigest | undefined,
): WaybillError {
  return new WaybillError(
    'ERR_STALE_PLAN',
    `${name}: latest stands at ${found ?? 'nothing'}; the plan saw ${previous ?? 'nothing'} there and wants ${digest}`,
    {
      details: { destination: name, name: LATEST, found, previous, wanted: digest },
    },
  )
}

/** The error for a name that cannot be put back. */
export function notRestorable({ name: where }: GithubClient, name: string): WaybillError {
  const message =
    name === LATEST
      ? `${where}: there was no latest release before, and one is always the latest`
      : `${where}: ${name} never moves`
  return new WaybillError('ERR_NOT_RESTORABLE', message, {
    hint: 'Let it stand: what it leads to was published whole.',
    details: { destination: where, name },
  })
}
