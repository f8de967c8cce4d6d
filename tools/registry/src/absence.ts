// The one place that decides whether a tag is absent. A wrong "absent" is what overwrites a released version.
import { WaybillError, isDigest, isWaybillError, header, type Digest } from '@waybill/core'
import { askManifest, getManifest, type FoundManifest } from './find-manifest.ts'
import { readScope, type RepositoryClient } from './place.ts'
import { hasTag, isUnlisted, readTagList, recentTagList } from './tag-lists.ts'
import type { TagList } from './tags.ts'
import { cancelSession, openSession } from './upload-session.ts'

/**
 * The digest a tag leads to; undefined where it is surely absent: GET answers 404 and the complete list is without it, or the registry
 * offers no list. A registry that answers 403 for what it does not have (Artifactory) is believed where a list that is complete, not
 * empty and read by a known user is without the tag. Everything else is not known. HEAD comes first, since GET counts as a pull at Docker
 * Hub; a HEAD that answers 404 proves nothing (Nexus). A tag that a fresh list is without is asked for with GET at once.
 * @throws {ERR_UNKNOWN_STATE} for a tag that is listed and leads nowhere (details `phantom`); {ERR_UNAUTHORIZED} {ERR_DENIED} {ERR_REGISTRY} {ERR_NETWORK}
 */
export async function findTag(
  place: RepositoryClient,
  tag: string,
  signal?: AbortSignal,
): Promise<Digest | undefined> {
  const named = (await isUnlisted(place, tag)) ? undefined : await digestByHead(place, tag, signal)
  if (named !== undefined) return named
  return (await getTag(place, tag, signal))?.descriptor.digest
}

/** The manifest a tag leads to, its bytes hashed; undefined where it is surely absent, after the same rule. @throws as `findTag` */
export async function getTag(
  place: RepositoryClient,
  tag: string,
  signal?: AbortSignal,
): Promise<FoundManifest | undefined> {
  let refusal: WaybillError | undefined
  try {
    const found = await getManifest(place, tag, signal)
    if (found !== undefined) return found
  } catch (error) {
    if (!isWaybillError(error, 'ERR_DENIED')) throw error
    refusal = error
  }
  if (refusal === undefined) await assertUnlisted(place, tag, signal)
  else await assertNotHidden(place, tag, { refusal, signal })
  return undefined
}

/**
 * The manifest a tag leads to, for who only reads: that GET answers 404 is enough to say that there is nothing to read, since nothing is
 * written for it. A 403 is "not there" after the same rule as everywhere.
 * @throws {ERR_DENIED} {ERR_UNAUTHORIZED} {ERR_REGISTRY} {ERR_NETWORK}
 */
export async function readTag(
  place: RepositoryClient,
  tag: string,
  signal?: AbortSignal,
): Promise<FoundManifest | undefined> {
  try {
    return await getManifest(place, tag, signal)
  } catch (error) {
    if (!isWaybillError(error, 'ERR_DENIED')) throw error
    const isHidden = await assertNotHidden(place, tag, { refusal: error, signal }).then(
      () => false,
      () => true,
    )
    if (isHidden) throw error
    return undefined
  }
}

/** What HEAD says that a tag or digest is; undefined where it says nothing of use. */
export async function digestByHead(
  place: RepositoryClient,
  reference: string,
  signal?: AbortSignal,
): Promise<Digest | undefined> {
  const response = await askManifest(place, reference, 'HEAD', signal)
  await response.discard()
  const digest = header(response, 'docker-content-digest')
  return response.status === 200 && isDigest(digest) ? digest : undefined
}

async function assertUnlisted(
  place: RepositoryClient,
  tag: string,
  signal?: AbortSignal,
): Promise<void> {
  // Somebody may have removed it since the list was read.
  if (!hasTag(await recentTagList(place, signal), tag)) return
  if (hasTag(await readTagList(place, signal), tag)) throw phantom(place, tag)
}

interface Hidden {
  readonly refusal: WaybillError
  readonly signal: AbortSignal | undefined
}

// 403 is an answer to who may not see it as well: only who is known, and sees other tags here, would see this one.
async function assertNotHidden(
  place: RepositoryClient,
  tag: string,
  hidden: Hidden,
): Promise<void> {
  const { refusal, signal } = hidden
  if (!(await isKnownUser(place, signal))) throw refused(refusal, 'nobody is logged in', LOG_IN)
  const list = await readTagList(place, signal)
  if (list.kind === 'none' || list.tags.length === 0)
    throw refused(refusal, emptyList(list), PUSH_ONE)
  if (list.tags.includes(tag)) throw refused(refusal, 'the tag is listed', LISTED)
}

const emptyList = (list: TagList): string =>
  list.kind === 'none'
    ? 'the registry lists no tags in this repository'
    : 'its list of tags is empty'

// Where no credential is asked for, the permission to push shows that nothing is hidden.
async function isKnownUser(place: RepositoryClient, signal = place.host.signal): Promise<boolean> {
  const { authorizer } = place.host
  if (await authorizer.isLoggedIn(place.repository, readScope(place))) return true
  try {
    const session = await openSession(place, signal)
    await cancelSession(session, signal).catch(() => {})
    return true
  } catch (error) {
    if (isWaybillError(error, 'ERR_CANCELLED')) throw error
    return false
  }
}

function refused(refusal: WaybillError, why: string, hint: string): WaybillError {
  return new WaybillError(
    'ERR_DENIED',
    `${refusal.message}. Either it is there and hidden, or this registry answers 403 for what it does not have; ${why}, which leaves that open`,
    { hint, outcome: 'unknown', details: refusal.details, cause: refusal },
  )
}

const LOG_IN = 'Log in (`waybill login HOST`) with an account that may read and push here.'
const LISTED = 'The registry refuses a tag that it lists: check what the account may read here.'
const PUSH_ONE =
  'Push any tag to the repository once with another tool (crane, docker, skopeo): when the registry lists it, the tags that are missing can be told from those that are hidden.'

function phantom({ name: repository }: RepositoryClient, tag: string): WaybillError {
  return new WaybillError(
    'ERR_UNKNOWN_STATE',
    `${repository}:${tag} is in the registry's list of tags, but leads nowhere: it answers 404 for it`,
    {
      hint: 'Run the same again in a while. If it stays so, the registry lost what the tag leads to: delete the tag there.',
      outcome: 'unknown',
      details: { repository, name: tag, phantom: true },
    },
  )
}
