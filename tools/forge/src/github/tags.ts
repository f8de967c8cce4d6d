import { WaybillError, type NamedDigest } from '@waybill/core'
import { askGithub, readAnswer } from './ask.ts'
import { assertVisible } from './visible.ts'
import type { GithubClient } from './place.ts'

interface GitObject {
  readonly type: string
  readonly sha: string
}

/** The commit a git tag leads to, annotated or not; undefined where there is surely no such tag. */
export async function commitOfTag(
  place: GithubClient,
  tag: string,
  signal?: AbortSignal,
): Promise<NamedDigest | undefined> {
  const what = `${place.name}: the tag ${tag}`
  const path = tag.split('/').map(encodeURIComponent).join('/')
  const response = await askGithub(place, `${place.url}/git/ref/tags/${path}`, { signal })
  if (response.status === 404) {
    await response.discard()
    await assertVisible(place, signal)
    return undefined
  }
  let object = objectOf(await readAnswer(response, what), what)
  // A tag object may point at another one.
  for (let depth = 0; object.type === 'tag' && depth < 8; depth++) {
    const next = await askGithub(place, `${place.url}/git/tags/${object.sha}`, { signal })
    object = objectOf(await readAnswer(next, what), what)
  }
  return `gitCommit:${object.sha}`
}

function objectOf(value: unknown, what: string): GitObject {
  const { object } = (value ?? {}) as { readonly object?: Partial<GitObject> }
  if (typeof object?.type === 'string' && /^[0-9a-f]{40,64}$/.test(object.sha ?? ''))
    return object as GitObject
  throw new WaybillError('ERR_FORGE', `${what}: the answer is no reference`, { outcome: 'unknown' })
}

/**
 * Checks that a release's tag leads to its commit, or is not there yet: a release takes a tag that stands, wherever it leads.
 * @throws {ERR_IMMUTABLE_TAG} naming both.
 */
export async function assertTag(
  place: GithubClient,
  { tag, commit }: { readonly tag: string; readonly commit: string },
  signal?: AbortSignal,
): Promise<void> {
  const found = await commitOfTag(place, tag, signal)
  const wanted = `gitCommit:${commit}`
  if (found === undefined || found === wanted) return
  throw new WaybillError(
    'ERR_IMMUTABLE_TAG',
    `${place.name}: the git tag ${tag} leads elsewhere; wanted ${wanted}, found ${found}`,
    {
      hint: 'Another commit was tagged with this version: release under a new one.',
      details: { destination: place.name, name: tag, wanted, found },
    },
  )
}
