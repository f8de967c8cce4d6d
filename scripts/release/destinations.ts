import type { Context, Destinations, Release } from '@waybill/core'
import { githubRelease, parseRemote } from '@waybill/forge'
import { gitRemote, npmPackages } from '@waybill/publish'
import { renderNotes, type VersionPlan } from '@waybill/version'
import type { Packed } from './pack.ts'

/** What a release is made of. */
export interface Made {
  readonly packed: Packed
  readonly plan: VersionPlan
  /** Address of the npm registry. @default npm's configuration */
  readonly registry: string | undefined
}

/**
 * Where a release of Waybill goes: a tag and the actions' rolling tag at the remote, each package at npm, a page at the forge where the remote
 * is one.
 */
export async function ownDestinations(
  release: Release,
  { packed, plan, registry }: Made,
  context: Context,
): Promise<Destinations> {
  const { env } = context
  const provenance = env['ACTIONS_ID_TOKEN_REQUEST_URL'] !== undefined
  const at = { ...context, cwd: packed.folder, registry, provenance }
  const packages = npmPackages(packed.packages, at)
  const page = await releasePage(release, plan, context)
  // People write `uses: …@v1`.
  const git = gitRemote('origin', { ...context, rolling: ['v{major}'] })
  return { git, ...page, ...packages }
}

async function releasePage(
  release: Release,
  plan: VersionPlan,
  context: Context,
): Promise<Destinations> {
  const { exec, cwd, env, logger } = context
  const { stdout } = await exec('git', ['remote', 'get-url', 'origin'], { cwd })
  const remote = parseRemote(new TextDecoder().decode(stdout).trim())
  const repository = env['GITHUB_REPOSITORY'] ?? githubName(remote)
  if (repository === undefined) {
    logger.warn('origin is no repository at GitHub: the release gets no page')
    return {}
  }
  const token = env['GITHUB_TOKEN'] ?? env['GH_TOKEN']
  const api = env['GITHUB_API_URL']
  const notes = notesOf(plan)
  return { page: githubRelease(repository, { ...context, release, notes, token, api }) }
}

const githubName = (remote: ReturnType<typeof parseRemote>): string | undefined =>
  remote?.host === 'github.com' ? remote.repository : undefined

// What only follows another package says nothing of its own.
function notesOf({ releases }: VersionPlan): string {
  return releases
    .filter(({ changes }) => changes.length > 0)
    .map((one) => `## ${one.component}\n\n${renderNotes(one)}`)
    .join('\n')
}
