import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { temporaryFolder } from './temporary.ts'

export interface TestCommit {
  readonly message: string
  /** Files to write, by path; without any the commit is empty. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>
}

/** A real git repository in a temporary folder, blind to the machine's own git configuration. */
export interface TestRepository {
  readonly path: string
  git(...args: readonly string[]): string
  /** Commits and returns the full object name. */
  commit(commit: TestCommit): string
}

const START = 1_700_000_000

export function createRepository(): TestRepository {
  const path = temporaryFolder('repository')
  let seconds = START
  const git = (...args: readonly string[]): string => {
    const date = `${seconds} +0000`
    const env = {
      PATH: process.env['PATH'],
      HOME: path,
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_AUTHOR_NAME: 'A',
      GIT_AUTHOR_EMAIL: 'a@example.org',
      GIT_AUTHOR_DATE: date,
      GIT_COMMITTER_NAME: 'A',
      GIT_COMMITTER_EMAIL: 'a@example.org',
      GIT_COMMITTER_DATE: date,
    }
    return execFileSync('git', args, {
      cwd: path,
      env,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    }).trimEnd()
  }
  git('init', '--quiet', '--initial-branch=main')
  return {
    path,
    git,
    commit({ message, files = {} }) {
      seconds += 60
      for (const [file, content] of Object.entries(files)) {
        mkdirSync(dirname(join(path, file)), { recursive: true })
        writeFileSync(join(path, file), content)
      }
      git('add', '--all')
      git('commit', '--quiet', '--allow-empty', '--cleanup=verbatim', '-m', message)
      return git('rev-parse', 'HEAD')
    },
  }
}
