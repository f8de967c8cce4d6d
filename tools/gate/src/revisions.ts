import { WaybillError } from '@waybill/core'
import type { HistoryGit } from './git.ts'

/** Finds the commit a revision names. @throws {ERR_NO_COMMITS} {ERR_UNKNOWN_REVISION} */
export async function resolveCommit(
  git: HistoryGit,
  revision: string,
): Promise<{ commit: string; created: number }> {
  if (isRange(revision)) throw aRange(revision)
  const args = ['log', '-1', '--format=%H %ct', '--end-of-options', revision, '--']
  const text = await git.text(args).catch((error: unknown) => {
    throw unknownRevision(revision, error)
  })
  if (text.trim() === '') throw noCommit(revision)
  const [, commit, created] = /^([0-9a-f]{40,64}) (\d+)$/.exec(text.trim()) ?? []
  if (commit === undefined) throw unexpectedOutput(args, text)
  return { commit, created: Number(created) }
}

// What is searched for in messages may hold dots; names of branches and tags cannot. gitrevisions(7), "Specifying ranges".
const isRange = (revision: string): boolean =>
  /\.\.|^\^|\^(?:@|!|-\d*)$/.test(revision) && !/^:\/|\^\{\//.test(revision)

const aRange = (revision: string): WaybillError =>
  new WaybillError('ERR_UNKNOWN_REVISION', `"${revision}" names more or less than one commit`, {
    outcome: 'usage',
    hint: 'Give one commit: its hash, a branch or a tag.',
  })

/** The error for output of git that cannot be: an empty history must never be made of it. */
export function unexpectedOutput(args: readonly string[], text: string): WaybillError {
  const message = `git ${args.join(' ')}: expected other output than "${text.slice(0, 80).trim()}"`
  return new WaybillError('ERR_GIT_OUTPUT', message, {
    outcome: 'unknown',
    hint: 'Check that git runs here, and that the Exec port passes its standard output on.',
  })
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
  return noCommit(revision, error)
}

const noCommit = (revision: string, cause?: unknown): WaybillError =>
  new WaybillError('ERR_UNKNOWN_REVISION', `"${revision}" names no commit of this repository`, {
    outcome: 'usage',
    hint: 'Give a branch, a tag or a commit that exists here; fetch it first if it is on the remote.',
    cause,
  })

/** Refuses a clone whose history is cut off, or fetches the rest. @throws {ERR_SHALLOW_CLONE} */
export async function refuseShallow(git: HistoryGit, deepen = false): Promise<void> {
  const args = ['rev-parse', '--is-shallow-repository']
  const answer = (await git.text(args)).trim()
  if (answer === 'false') return
  if (answer !== 'true') throw unexpectedOutput(args, answer)
  if (deepen) {
    await git.fetch(['--unshallow', '--tags', '--quiet'])
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
