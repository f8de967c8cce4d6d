import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { createGit, type GitContext } from '@waybill/core'
import { webAddress } from '../changelog/links.ts'

/** What a changelog takes from git. All of it is optional: a folder without a history has none. */
export interface GitFacts {
  /** The head commit's time, in seconds since 1970. */
  readonly created: number | undefined
  /** Whole messages by the full name of their commit. */
  readonly messages: ReadonlyMap<string, string>
  /** The web address of the remote `origin`. */
  readonly repository: string | undefined
}

/** Reads the head's time, the messages of some commits and where the repository is seen on the web. */
export async function readGitFacts(
  root: string,
  commits: readonly string[],
  context: GitContext,
): Promise<GitFacts> {
  const here = await stat(join(root, '.git')).catch(() => undefined)
  if (here === undefined) return { created: undefined, messages: new Map(), repository: undefined }
  const { run } = createGit({ ...context, cwd: root })
  const git = async (args: readonly string[], input = ''): Promise<string> => {
    const { exitCode, stdout } = await run(args, { input, okCodes: [0, 1, 128] })
    return exitCode === 0 ? Buffer.from(stdout).toString('utf8') : ''
  }
  const names = commits.filter((commit) => /^[0-9a-f]{40,64}$/.test(commit))
  const [created, log, remote] = await Promise.all([
    git(['log', '-1', '--format=%ct', 'HEAD']),
    names.length === 0
      ? ''
      : git(
          [
            'log',
            '--encoding=UTF-8',
            '--no-walk=unsorted',
            '--ignore-missing',
            '-z',
            '--format=%H%n%B',
            '--stdin',
          ],
          `${names.join('\n')}\n`,
        ),
    git(['config', '--get', 'remote.origin.url']),
  ])
  return {
    created: created === '' ? undefined : Number(created),
    messages: new Map(log.split('\0').map(entry)),
    repository: webAddress(remote.trim()),
  }
}

function entry(text: string): readonly [string, string] {
  const end = text.indexOf('\n')
  return [text.slice(0, end), text.slice(end + 1).trimEnd()]
}
