import type { Release } from '@waybill/core'
import { askGithub, readAnswer } from './ask.ts'
import { listAssets } from './assets.ts'
import { answerError } from './errors.ts'
import type { GithubClient } from './place.ts'
import { findReleases, parseRelease, type GithubRelease, type TagReleases } from './release.ts'

/** What a release page says. */
export interface Page {
  readonly release: Release
  readonly title: string
  readonly notes: string
  /** A version that is none yet, by its suffix. */
  readonly prerelease: boolean
}

/**
 * The page of a release: the published one where there is one, else its draft. A draft that stands is adopted, whoever made it, with
 * the title and notes it has; else one is made. Where two publishers made one each, both go on with the older, or with the one that
 * was published meanwhile.
 */
export async function ensurePage(
  place: GithubClient,
  page: Page,
  signal?: AbortSignal,
): Promise<GithubRelease> {
  const before = await findReleases(place, page.release.tag, signal)
  const isThere = before.published !== undefined || before.drafts.length > 0
  const { published, drafts } = isThere ? before : await create(place, page, signal)
  const [draft, ...others] = drafts
  const spare = published === undefined ? others : drafts
  for (const other of spare) await removeOwn(place, page, { draft: other, signal })
  return published ?? adopt(place, page, { draft: draft!, signal })
}

// Whether an answer that did not come was "made" is seen in the list; and whether somebody else made one at the same time.
async function create(
  place: GithubClient,
  page: Page,
  signal: AbortSignal | undefined,
): Promise<TagReleases> {
  const made = await post(place, page, signal).catch((error: unknown) => ({ error }))
  const { published, drafts } = await findReleases(place, page.release.tag, signal)
  const own = 'error' in made || drafts.some(({ id }) => id === made.id) ? [] : [made]
  if ('error' in made && published === undefined && drafts.length === 0) throw made.error
  return { published, drafts: [...drafts, ...own] }
}

async function post(
  place: GithubClient,
  page: Page,
  signal: AbortSignal | undefined,
): Promise<GithubRelease> {
  const what = `${place.name}: making the draft of ${page.release.tag}`
  const json = { ...bodyOf(page), draft: true }
  const response = await askGithub(place, `${place.url}/releases`, { method: 'POST', json, signal })
  return parseRelease(await readAnswer(response, what, [201]), what)
}

interface OfDraft {
  readonly draft: GithubRelease
  readonly signal: AbortSignal | undefined
}

// A second draft that says just what ours does and holds nothing is what a publisher left that was killed, or that came second.
async function removeOwn(
  place: GithubClient,
  page: Page,
  { draft, signal }: OfDraft,
): Promise<void> {
  const isOurs = draft.title === page.title && draft.notes === page.notes && isAimed(draft, page)
  if (!isOurs || (await listAssets(place, draft, signal)).length > 0)
    return place.logger.warn(`${place.name}: there is another draft of ${draft.tag}: ${draft.url}`)
  const url = `${place.url}/releases/${draft.id}`
  const response = await askGithub(place, url, { method: 'DELETE', signal })
  if (response.status !== 204 && response.status !== 404)
    throw await answerError(response, `${place.name}: removing the second draft of ${draft.tag}`)
  await response.discard()
}

const isAimed = ({ target, prerelease }: GithubRelease, page: Page): boolean =>
  target === page.release.commit && prerelease === page.prerelease

// What people wrote stays; where it leads is ours. Whether it is a draft is not said: somebody may publish it at this moment.
async function adopt(
  place: GithubClient,
  page: Page,
  { draft, signal }: OfDraft,
): Promise<GithubRelease> {
  const silent = draft.notes === '' && page.notes !== ''
  if (isAimed(draft, page) && draft.title !== '' && !silent) return draft
  return updateRelease(place, draft, { json: pageOf(page, draft), signal })
}

/** What a draft shall say: what it says already, and what it lacks. */
export function pageOf(page: Page, draft: GithubRelease): Readonly<Record<string, unknown>> {
  const { title, notes } = draft
  return bodyOf({
    ...page,
    title: title === '' ? page.title : title,
    notes: notes === '' ? page.notes : notes,
  })
}

function bodyOf({ release, title, notes, prerelease }: Page): Readonly<Record<string, unknown>> {
  const { tag, commit } = release
  return { tag_name: tag, target_commitish: commit, name: title, body: notes, prerelease }
}

/** Changes a release. */
export async function updateRelease(
  place: GithubClient,
  { id, tag }: GithubRelease,
  { json, signal }: { readonly json: unknown; readonly signal: AbortSignal | undefined },
): Promise<GithubRelease> {
  const what = `${place.name}: changing the release ${tag}`
  const url = `${place.url}/releases/${id}`
  const response = await askGithub(place, url, { method: 'PATCH', json, signal })
  return parseRelease(await readAnswer(response, what), what)
}
