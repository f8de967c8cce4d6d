import {
  createGit,
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
export function remoteAt(context: Context, name: string): Remote {
  const git = createGit(context, 'remote')
  const run = async (args: readonly string[], signal = context.signal): Promise<ExecResult> => {
    try {
      return await git.run(args, { signal })
    } catch (error) {
      throw clean(error, name)
    }
  }
  return { name, run }
}

function clean(error: unknown, name: string): unknown {
  if (!isWaybillError(error, 'ERR_EXEC_FAILED')) return error
  const said = reasonOf(String(error.details['stderr']))
  const isNone = said.includes('does not appear to be a git repository')
  return new WaybillError(
    'ERR_UNKNOWN_STATE',
    `The git remote ${name} could not be asked: ${said}`,
    {
      hint: isNone
        ? 'Name a remote of this repository, as git remote lists them, or the address of one.'
        : 'Check the remote, the network and the rights, and run the same again.',
      outcome: 'unknown',
    },
  )
}

// What git adds to every failure of a remote says nothing about this one.
const ALWAYS =
  /^(?:fatal: Could not read from remote|Please make sure you have|and the repository exists)/

// A remote's configured address may hold a password all the same; git repeats addresses in what it says.
function reasonOf(stderr: string): string {
  const lines = stderr.split('\n').map((line) => line.trim())
  const telling = lines.filter((line) => line !== '' && !ALWAYS.test(line))
  const all = telling.length === 0 ? lines.filter((line) => line !== '') : telling
  return all
    .map((line) => line.replace(/^(?:fatal|error): /, ''))
    .join('; ')
    .replaceAll(/\/\/[^/@\s]+@/g, '//')
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
