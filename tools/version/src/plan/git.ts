import type { Context } from '@waybill/core'

/** Runs git in a repository and returns what it writes. */
export type Git = (...args: readonly string[]) => Promise<string>

export function gitIn(root: string, { exec, signal }: Pick<Context, 'exec' | 'signal'>): Git {
  return async (...args) => {
    const { stdout } = await exec('git', args, { cwd: root, signal })
    return Buffer.from(stdout).toString('utf8')
  }
}
