import type { Cache, CacheQuestion, Context } from '@waybill/core'
import { closedEnvironment } from './closed-environment.ts'
import type { Outside } from './outside.ts'
import type { Tool, Tools } from './toolchain.ts'

export interface ToolsOptions {
  /** The component's folder: tools are looked up from there, and choose their version by files in it. */
  readonly cwd: string
  /** SOURCE_DATE_EPOCH, seconds. */
  readonly created: number
  /** Where facts about tools are kept; null: nowhere. */
  readonly cache: Cache | null
  /** Where nothing of the repository may run. @default it may */
  readonly outside?: Outside | undefined
  /** Sees all output as it comes. */
  readonly onOutput?: (chunk: Uint8Array) => void
}

/** Runs a toolchain's programs in the closed environment. */
export function createTools(context: Context, options: ToolsOptions): Tools {
  return {
    cwd: options.cwd,
    env: context.env,
    avoid: options.outside?.root,
    remember: (key, find) => remember(options.cache, key, find),
    async run(file, args, { cwd = options.cwd, env = {} } = {}) {
      const stdout: Uint8Array[] = []
      const result = await context.exec(file, args, {
        cwd: options.outside?.folder ?? cwd,
        env: closedEnvironment(context.env, options.created, {
          ...env,
          ...options.outside?.env,
        }),
        signal: context.signal,
        onStdout(chunk) {
          stdout.push(chunk)
          options.onOutput?.(chunk)
        },
        ...(options.onOutput === undefined ? {} : { onStderr: options.onOutput }),
      })
      return { ...result, stdout: Buffer.concat(stdout) }
    },
  }
}

async function remember(
  cache: Cache | null,
  key: string,
  find: () => Promise<Tool>,
): Promise<Tool> {
  if (cache === null) return find()
  const question: CacheQuestion = { kind: 'tools', recipe: 1, inputs: key }
  const before = (await cache.recall(question)) as Tool | undefined
  if (before !== undefined) return before
  const tool = await find()
  await cache.remember(question, tool)
  return tool
}
