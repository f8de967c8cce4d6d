import {
  createContext,
  isWaybillError,
  WaybillError,
  type Context,
  type ContextOptions,
} from '@waybill/core'

// Whatever a person has configured must not change what is read.
const NEUTRAL = [
  '-c',
  'log.showSignature=false',
  '-c',
  'core.quotePath=false',
  '-c',
  'diff.relative=false',
  '-c',
  'log.follow=false',
  '--no-pager',
  '--no-replace-objects',
]

/** Runs git in `ctx.cwd`, blind to settings that change its output. */
export interface Git {
  text(args: readonly string[], input?: string): Promise<string>
  stream(
    args: readonly string[],
    onStdout: (chunk: Uint8Array) => void,
    input?: string,
  ): Promise<void>
}

export function createGit(options: ContextOptions): Git {
  const ctx = createContext(options)
  // GIT_FLUSH=0: git else writes each commit to a pipe by itself, which costs both sides more than reading it.
  const env = { ...ctx.env, LC_ALL: 'C', GIT_OPTIONAL_LOCKS: '0', GIT_FLUSH: '0' }
  const common = { cwd: ctx.cwd, env, signal: ctx.signal }
  return {
    async text(args, input) {
      const more = input === undefined ? {} : { input }
      const result = await run(ctx, args, { ...common, ...more })
      return new TextDecoder().decode(result.stdout)
    },
    async stream(args, onStdout, input) {
      const more = input === undefined ? {} : { input }
      await run(ctx, args, { ...common, ...more, onStdout })
    },
  }
}

async function run(
  ctx: Context,
  args: readonly string[],
  options: Parameters<Context['exec']>[2],
): ReturnType<Context['exec']> {
  try {
    return await ctx.exec('git', [...NEUTRAL, ...args], options)
  } catch (error) {
    throw isWaybillError(error, 'ERR_EXEC_FAILED') ? explained(error, ctx.cwd) : error
  }
}

// git says these with exit code 128 and words only; LC_ALL=C keeps the words.
function explained(error: WaybillError, cwd: string): WaybillError {
  if (/not a git repository/i.test(error.message)) {
    return new WaybillError(
      'ERR_NOT_A_REPOSITORY',
      `${cwd}: not a git repository (nor any folder above it)`,
      {
        outcome: 'usage',
        hint: 'Run it inside a checkout, or name one with --cwd.',
        cause: error,
      },
    )
  }
  if (/dubious ownership/i.test(error.message)) {
    return new WaybillError(
      'ERR_NOT_A_REPOSITORY',
      `${cwd}: git refuses it, since the folder belongs to another user`,
      {
        outcome: 'usage',
        hint: `Allow it: git config --global --add safe.directory ${cwd}`,
        cause: error,
      },
    )
  }
  return error
}
