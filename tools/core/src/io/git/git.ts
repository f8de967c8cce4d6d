import { stat } from 'node:fs/promises'
import { delimiter, join, resolve } from 'node:path'
import { isWaybillError, WaybillError } from '../../values/error.ts'
import { findOutside, foldersOutside } from '../files/find-program.ts'
import { findRoot } from '../files/find-repository.ts'
import { believedConfig, filterNames, parseConfig } from './believed.ts'
import { explainGitError } from './errors.ts'
import { gitEnvironment, gitSettings } from './settings.ts'
import { placeOfRepository, withView, type RepositoryPlace } from './view.ts'
import type { ExecOptions, ExecResult } from '../../ports/exec.ts'
import type { Context } from '../../ports/context.ts'

export type GitContext = Pick<Context, 'cwd' | 'env' | 'exec' | 'signal'>

/** What a call of git takes; environment and folder are the adapter's. */
export type GitCall = Pick<ExecOptions, 'input' | 'okCodes' | 'onStdout' | 'signal'>

/** Git at a repository. */
export interface Git {
  /** Runs a git command. @throws {ERR_NOT_A_REPOSITORY} {ERR_TOOL_MISSING} {ERR_EXEC_FAILED} {ERR_CANCELLED} */
  run(args: readonly string[], call?: GitCall): Promise<ExecResult>
  /** Runs a git command and resolves to what it writes, as UTF-8. */
  text(args: readonly string[], input?: string): Promise<string>
}

/**
 * The only way git is run: at the repository that holds `cwd`, with a git from outside of it, and nothing of the repository is executed. Hooks, fsmonitor,
 * filters, replace references and grafts are off; of the repository's own configuration only what names no program is believed. Programs that the user's own
 * configuration or environment names for remotes (credential helpers, ssh) are run.
 * `remote` is for commands that talk to a remote: it may be a path. What is missing in a partial clone is fetched over http, git and ssh alone.
 */
export function createGit(context: GitContext, use: 'local' | 'remote' = 'local'): Git {
  let known: Promise<Repository> | undefined
  const run: Git['run'] = async (args, call = {}) => {
    const options = { signal: context.signal, ...call }
    known ??= openRepository(context, options.signal)
    try {
      await known
    } catch (error) {
      known = undefined
      return noRepository(explainGitError(error, context.cwd), call)
    }
    const { file, env, config, place } = await known
    const only = use === 'local' ? { GIT_PROTOCOL_FROM_USER: '0' } : {}
    return withView(place, config, (view) =>
      context.exec(file, args, {
        ...options,
        cwd: context.cwd,
        env: { ...view, ...env, ...only },
      }),
    )
  }
  return {
    run,
    async text(args, input) {
      const { stdout } = await run(args, input === undefined ? {} : { input })
      return new TextDecoder().decode(stdout)
    },
  }
}

function noRepository(error: unknown, { okCodes }: GitCall): ExecResult {
  if (!isWaybillError(error, 'ERR_NOT_A_REPOSITORY') || okCodes?.includes(128) !== true) throw error
  return { exitCode: 128, stdout: new Uint8Array(), stderr: error.message }
}

type Environment = Readonly<Record<string, string | undefined>>

interface Program {
  /** The absolute path of git. */
  readonly file: string
  readonly env: Environment
}

interface Repository extends Program {
  readonly config: string
  readonly place: RepositoryPlace
}

async function openRepository(context: GitContext, signal: AbortSignal): Promise<Repository> {
  const { cwd, exec } = context
  const { file, env: plain } = await findGit(context)
  const env = { ...plain, ...gitSettings([], context.env), ...(await namedRepository(context)) }
  const ask = async (...args: readonly string[]): Promise<string> => {
    const { stdout } = await exec(file, args, { cwd, env, signal })
    return new TextDecoder().decode(stdout)
  }
  // Neither runs anything that the configuration names.
  const [gitDir, listed] = await Promise.all([
    ask('rev-parse', '--absolute-git-dir'),
    ask('config', '--list', '--show-scope', '-z'),
  ])
  const entries = parseConfig(listed)
  const place = await placeOfRepository(gitDirOf(gitDir), cwd)
  return {
    file,
    env: { ...plain, ...gitSettings(filterNames(entries), context.env) },
    place,
    config: believedConfig(entries, place.worktree === undefined),
  }
}

function gitDirOf(text: string): string {
  const [, path] = /^([^\n]+)\r?\n$/.exec(text) ?? []
  if (path !== undefined && resolve(path) === path) return path
  throw new WaybillError('ERR_GIT_OUTPUT', 'git did not say where the repository is', {
    hint: 'Check that the program called git is git, 2.31 or newer.',
  })
}

/** Finds git outside of the repository, and what it is to see of the environment. @throws {ERR_TOOL_MISSING} */
export async function findGit({ cwd, env }: Pick<Context, 'cwd' | 'env'>): Promise<Program> {
  const root = await findRoot(resolve(cwd))
  const folders = await foldersOutside(root, env)
  const file = await findOutside('git', root, folders)
  if (file !== undefined) return { file, env: gitEnvironment(env, folders.join(delimiter)) }
  throw new WaybillError('ERR_TOOL_MISSING', 'The program "git" was not found', {
    hint: 'Install git, or put it on PATH. Relative folders and those of the repository do not count.',
    details: { file: 'git' },
  })
}

// GIT_DIR names a repository only where none is found: set by a hook it may be another one than that at `cwd`.
async function namedRepository({ cwd, env }: GitContext): Promise<Environment> {
  const { GIT_DIR, GIT_WORK_TREE } = env
  if (GIT_DIR === undefined || (await isRepository(await findRoot(resolve(cwd))))) return {}
  return { GIT_DIR, GIT_WORK_TREE }
}

const isRepository = (root: string): Promise<boolean> =>
  stat(join(root, '.git')).then(
    () => true,
    () => false,
  )

/** Makes an empty bare repository. */
export async function initBareRepository(folder: string, context: GitContext): Promise<void> {
  const { file, env } = await findGit(context)
  const all = { ...env, ...gitSettings([], context.env) }
  const args = ['init', '--quiet', '--bare', folder]
  await context.exec(file, args, { cwd: context.cwd, env: all, signal: context.signal })
}
