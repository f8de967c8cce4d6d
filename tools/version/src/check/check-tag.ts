import { createGit, type GitContext, type Release } from '@waybill/core'
import type { Checked } from './types.ts'

/** Checks that a release's tag ends in its version and, where it stands already, names its commit. */
export async function checkTag(
  release: Pick<Release, 'component' | 'version' | 'tag' | 'commit'>,
  root: string,
  context: GitContext,
): Promise<Checked> {
  const { component, version, tag, commit } = release
  const found = /v?(\d+\.\d+\.\d+\S*)$/.exec(tag)?.[1] ?? null
  const check = { component, kind: 'tag', where: tag, expected: version, found } as const
  if (!saysVersion(tag, version)) {
    return mismatch(
      check,
      `the tag ${tag} does not say ${version}`,
      'Mend the component’s tag format, or the tag.',
    )
  }
  const stands = await commitOf(tag, root, context)
  if (stands === undefined || stands === commit) return { check: { ...check, found: version } }
  return mismatch(
    check,
    `the tag ${tag} stands on ${stands}, the release is of ${commit}`,
    'A released tag never moves: release the next version instead.',
  )
}

// `app-v1.2.3` says 1.2.3, `app-v11.2.3` does not; a format may have something behind the version.
function saysVersion(tag: string, version: string): boolean {
  const at = tag.lastIndexOf(version)
  if (at < 0) return false
  return !/[\d.]$/.test(tag.slice(0, at)) && !/^[\d.+-]/.test(tag.slice(at + version.length))
}

function mismatch(check: Checked['check'], message: string, suggestion: string): Checked {
  return { check, finding: { code: 'version-mismatch', level: 'error', message, suggestion } }
}

async function commitOf(
  tag: string,
  root: string,
  context: GitContext,
): Promise<string | undefined> {
  const args = ['rev-parse', '--verify', '--quiet', `refs/tags/${tag}^{commit}`]
  const git = createGit({ ...context, cwd: root })
  const { exitCode, stdout } = await git.run(args, { okCodes: [0, 1, 128] })
  return exitCode === 0 ? Buffer.from(stdout).toString('utf8').trim() : undefined
}
