import { createContext, createGit as gitOf, type ContextOptions } from '@waybill/core'

/** Runs git in `ctx.cwd`, blind to settings that change its output. */
export interface HistoryGit {
  text(args: readonly string[], input?: string): Promise<string>
  stream(
    args: readonly string[],
    onStdout: (chunk: Uint8Array) => void,
    input?: string,
  ): Promise<void>
  /** Fetches from the remote that the branch follows, or `origin`. */
  fetch(args: readonly string[]): Promise<void>
}

export function historyGit(options: ContextOptions): HistoryGit {
  const context = createContext(options)
  const git = gitOf(context)
  return {
    text: git.text,
    async stream(args, onStdout, input) {
      await git.run(args, { onStdout, ...(input === undefined ? {} : { input }) })
    },
    fetch: async (args) => void (await gitOf(context, 'remote').run(['fetch', ...args])),
  }
}
