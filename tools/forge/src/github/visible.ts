import { askGithub, readAnswer } from './ask.ts'
import type { GithubClient } from './place.ts'

const seen = new WeakSet<GithubClient>()

/**
 * Checks that the repository is there and may be read: to whoever may not, GitHub answers 404 as if nothing were.
 * @throws {ERR_NOT_FOUND} {ERR_UNAUTHORIZED} {ERR_DENIED}
 */
export async function assertVisible(place: GithubClient, signal?: AbortSignal): Promise<void> {
  if (seen.has(place)) return
  await readAnswer(await askGithub(place, place.url, { signal }), `${place.name}: the repository`)
  seen.add(place)
}
