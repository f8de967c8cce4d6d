import { createGit, type GitContext } from '@waybill/core'

/** Runs git in a repository and returns what it writes. */
export type GitText = (...args: readonly string[]) => Promise<string>

export function gitIn(root: string, context: GitContext): GitText {
  const git = createGit({ ...context, cwd: root })
  return (...args) => git.text(args)
}
