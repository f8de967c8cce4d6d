import { WaybillError, type Release } from '@waybill/core'
import { askGithub } from './ask.ts'
import { answerError } from './errors.ts'
import type { GithubClient } from './place.ts'
import { assertTag } from './tags.ts'
import { assertVisible } from './visible.ts'

/**
 * Checks that a release may be made: the repository is there, the token may write, the tag leads nowhere else. The right to write
 * is shown by having notes generated, which wants it and leaves nothing behind.
 * @throws {ERR_UNAUTHORIZED} {ERR_DENIED} {ERR_NOT_FOUND} {ERR_IMMUTABLE_TAG}
 */
export async function preflight(
  place: GithubClient,
  release: Release,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (place.token === undefined)
    throw new WaybillError('ERR_UNAUTHORIZED', `${place.name}: there is no token to write with`, {
      hint: 'Set GITHUB_TOKEN or GH_TOKEN; the token needs the permission `contents: write`.',
      outcome: 'unknown',
    })
  await assertVisible(place, signal)
  await assertMayWrite(place, release, signal)
  await assertTag(place, release, signal)
}

async function assertMayWrite(
  place: GithubClient,
  { tag, commit }: Release,
  signal: AbortSignal | undefined,
): Promise<void> {
  const json = { tag_name: tag, target_commitish: commit }
  const url = `${place.url}/releases/generate-notes`
  const response = await askGithub(place, url, { method: 'POST', json, signal })
  // Who may not write is told so before anything about what was sent.
  if (response.status === 200 || response.status === 422) return response.discard()
  throw await answerError(response, `${place.name}: whether releases may be written`)
}
