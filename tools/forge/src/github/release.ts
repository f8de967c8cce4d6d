import { WaybillError } from '@waybill/core'
import { askGithub, readAnswer, readPages } from './ask.ts'
import { assertVisible } from './visible.ts'
import type { GithubClient } from './place.ts'

/** A release as the API gives it, as far as it is used. */
export interface GithubRelease {
  readonly id: number
  readonly tag: string
  readonly target: string
  readonly title: string
  readonly notes: string
  readonly draft: boolean
  readonly prerelease: boolean
  readonly immutable: boolean
  /** Where a person looks at it. */
  readonly url: string
  readonly uploadUrl: string
}

/** The releases of a tag: the published one, and drafts, the oldest first; nothing keeps anybody from making several. */
export interface TagReleases {
  readonly published: GithubRelease | undefined
  readonly drafts: readonly GithubRelease[]
}

/** Reads a release of an answer. @throws {ERR_FORGE} */
export function parseRelease(value: unknown, what: string): GithubRelease {
  const fields = (value ?? {}) as Readonly<Record<string, unknown>>
  const text = (key: string): string => (typeof fields[key] === 'string' ? fields[key] : '')
  const { id, tag_name: tag, draft } = fields
  if (typeof id !== 'number' || typeof tag !== 'string' || typeof draft !== 'boolean')
    throw new WaybillError('ERR_FORGE', `${what}: the answer is no release`, { outcome: 'unknown' })
  return {
    id,
    tag,
    draft,
    target: text('target_commitish'),
    title: text('name'),
    notes: text('body'),
    prerelease: fields['prerelease'] === true,
    immutable: fields['immutable'] === true,
    url: text('html_url'),
    uploadUrl: text('upload_url').replace(/\{.*$/, ''),
  }
}

/** Finds the releases of a tag. Drafts stand in the list of all releases alone, and only for whoever may write. */
export async function findReleases(
  place: GithubClient,
  tag: string,
  signal?: AbortSignal,
): Promise<TagReleases> {
  const published = await findPublished(place, tag, signal)
  if (published !== undefined) return { published, drafts: [] }
  const releases = await listReleases(place, signal)
  const own = releases.filter((release) => release.tag === tag)
  return {
    published: own.find(({ draft }) => !draft),
    drafts: own.filter(({ draft }) => draft).toSorted((a, b) => a.id - b.id),
  }
}

/** Finds the published release of a tag; undefined where there is surely none. */
export async function findPublished(
  place: GithubClient,
  tag: string,
  signal?: AbortSignal,
): Promise<GithubRelease | undefined> {
  return find(place, `/releases/tags/${encodeURIComponent(tag)}`, {
    signal,
    what: `the release ${tag}`,
  })
}

/** Finds the release that counts as the latest; undefined where there is surely none. */
export async function findLatest(
  place: GithubClient,
  signal?: AbortSignal,
): Promise<GithubRelease | undefined> {
  return find(place, '/releases/latest', { signal, what: 'the latest release' })
}

async function find(
  place: GithubClient,
  path: string,
  { signal, what }: { readonly signal: AbortSignal | undefined; readonly what: string },
): Promise<GithubRelease | undefined> {
  const named = `${place.name}: ${what}`
  const response = await askGithub(place, `${place.url}${path}`, { signal })
  if (response.status !== 404) return parseRelease(await readAnswer(response, named), named)
  await response.discard()
  await assertVisible(place, signal)
  return undefined
}

/** Lists every release, drafts too for whoever may write. */
export async function listReleases(
  place: GithubClient,
  signal?: AbortSignal,
): Promise<readonly GithubRelease[]> {
  const what = `${place.name}: the list of releases`
  const releases = await readPages(place, '/releases', { signal, what })
  return releases.map((release) => parseRelease(release, what))
}
