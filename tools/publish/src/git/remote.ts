import {
  isWaybillError,
  WaybillError,
  type Context,
  type ExecResult,
  type NamedDigest,
} from '@waybill/core'

/** A remote of the repository at the context's folder. */
export interface Remote {
  readonly name: string
  run(args: readonly string[], signal?: AbortSignal): Promise<ExecResult>
}

/** A tag of a remote: the object it names, and the commit that leads to. */
export interface RemoteTag {
  readonly object: string
  readonly commit: NamedDigest
}

/** Speaks to a remote through git, which never prompts. What fails is unknown, and says nothing secret. */
export function remoteAt({ cwd, env, exec, signal: own }: Context, name: string): Remote {
  const quiet = { ...env, GIT_TERMINAL_PROMPT: '0', LC_ALL: 'C' }
  const run = async (args: readonly string[], signal = own): Promise<ExecResult> => {
    try {
      return await exec('git', args, { cwd, env: quiet, signal })
    } catch (error) {
      throw clean(error)
    }
  }
  return { name, run }
}

// A remote's configured address may hold a password all the same; git repeats addresses in what it says.
function clean(error: unknown): unknown {
  if (!isWaybillError(error, 'ERR_EXEC_FAILED')) return error
  const stderr = String(error.details['stderr']).replaceAll(/\/\/[^/@\s]+@/g, '//')
  return new WaybillError('ERR_UNKNOWN_STATE', `git could not ask the remote: ${stderr}`, {
    hint: 'Check the remote, the network and the rights, and run the same again.',
    outcome: 'unknown',
  })
}

/** Reads the remote's tags of a pattern. */
export async function readTags(
  remote: Remote,
  pattern: string,
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, RemoteTag>> {
  const patterns = [pattern, `${pattern}^{}`]
  const { stdout } = await remote.run(['ls-remote', '--', remote.name, ...patterns], signal)
  const found = new Map<string, RemoteTag>()
  for (const line of new TextDecoder().decode(stdout).split('\n')) {
    const [object, reference = ''] = line.split('\t')
    if (!reference.startsWith('refs/tags/')) continue
    // `name^{}` follows `name` and is what an annotated tag leads to.
    const name = reference.slice('refs/tags/'.length).replace(/\^\{\}$/, '')
    const first = found.get(name)?.object ?? object!
    found.set(name, { object: first, commit: `gitCommit:${object!}` })
  }
  return found
}
