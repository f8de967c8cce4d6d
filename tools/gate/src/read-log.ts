import type { HistoryGit } from './git.ts'
import { createLogReader, LOG_ARGUMENTS, type LoggedCommit } from './log-stream.ts'

/** Reads `git log` of revisions, in git's order; `keep` is called while git still writes. */
export async function readLog<Commit>(
  git: HistoryGit,
  revisions: readonly string[],
  keep: (logged: LoggedCommit) => Commit,
): Promise<Commit[]> {
  const commits: Commit[] = []
  const reader = createLogReader((logged) => void commits.push(keep(logged)))
  await git.stream([...LOG_ARGUMENTS, '--end-of-options', ...revisions, '--'], reader.write)
  reader.end()
  return commits
}
