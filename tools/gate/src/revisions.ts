import { WaybillError } from '@waybill/core'
import type { Git } from './git.ts'

/** Finds the commit a revision names. @throws {ERR_NO_COMMITS} {ERR_UNKNOWN_REVISION} */
export async function resolveCommit(
  git: Git,
  revision: string,
): Promise<{ commit: string; created: number }> {
  const args = ['log', '-1', '--format=%H %ct', '--end-of-options', revision, '--']
  const text = await git.text(args).catch((error: unknown) => {
    throw unknownRevision(revision, error)
  })
  const [commit = '', created = ''] = text.trim().split(' ')
  return { commit, created: Number(created) }
}

function unknownRevision(revision: string, error: unknown): unknown {
  const message = (error as Error).message
  if (
    /does not have any commits|bad default revision|ambiguous argument 'HEAD'|bad revision 'HEAD'/i.test(
      message,
    )
  ) {
    return new WaybillError('ERR_NO_COMMITS', 'The repository has no commits yet', {
      outcome: 'usage',
      hint: 'Make a first commit; there is nothing to decide before.',
      cause: error,
    })
  }
  if (!/bad revision|unknown revision|ambiguous argument|bad object/i.test(message)) return error
  return new WaybillError(
    'ERR_UNKNOWN_REVISION',
    `"${revision}" names no commit of this repository`,
    {
      outcome: 'usage',
      hint: 'Give a branch, a tag or a commit that exists here; fetch it first if it is on the remote.',
      cause: error,
    },
  )
}

/** Refuses a clone whose history is cut off, or fetches the rest. @throws {ERR_SHALLOW_CLONE} */
export async function refuseShallow(git: Git, deepen = false): Promise<void> {
  const answer = await git.text(['rev-parse', '--is-shallow-repository'])
  if (answer.trim() !== 'true') return
  if (deepen) {
    await git.text(['fetch', '--unshallow', '--tags', '--quiet'])
    return
  }
  throw new WaybillError(
    'ERR_SHALLOW_CLONE',
    'The clone is shallow: its history is cut off, so the last release cannot be known',
    {
      hint: 'Run git fetch --unshallow --tags (with actions/checkout: fetch-depth: 0), or pass deepen: true.',
    },
  )
}
