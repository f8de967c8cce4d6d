import { createGit, type GitContext } from '@waybill/core'

/** Runs git in a repository and returns what it writes. */
export type Git = (...args: readonly string[]) => Promise<string>

export function gitIn(root: string, context: GitContext): Git {
  const git = createGit({ ...context, cwd: root })
  return (...args) => git.text(args)
}
