import {
  createContext,
  isWaybillError,
  WaybillError,
  type Context,
  type ContextOptions,
  type Destination,
  type ExecResult,
  type NamedDigest,
} from '@waybill/core'

export interface GitRemoteOptions extends ContextOptions {
  /** @default true */
  readonly required?: boolean
}

/**
 * A git remote as a destination: a release's tag, pushed from the repository at `cwd`, create-only. It is named `git:<remote>`.
 * A tag that stands, lightweight or annotated, is compared by the commit it leads to.
 * @throws {ERR_SECRET_IN_URL}
 */
export function gitRemote(remote: string, options: GitRemoteOptions = {}): Destination {
  assertNoSecret(remote)
  const git = gitAt(createContext(options), remote)
  return {
    name: `git:${remote}`,
    kind: 'git',
    required: options.required ?? true,
    wanted: (_content, release) => {
      if (release !== undefined) return `gitCommit:${release.commit}`
      throw new WaybillError(
        'ERR_NO_RELEASE_TAG',
        `git:${remote} needs the release's tag and commit`,
        {
          hint: 'Give the whole release; on the command line --git-tag and --commit.',
          outcome: 'usage',
        },
      )
    },
    preflight: (signal) => preflight(git, signal),
    names: async (signal) => [...(await list(git, 'refs/tags/*', signal)).keys()],
    observe: async (name, signal) => (await list(git, `refs/tags/${name}`, signal)).get(name),
    put: () => Promise.resolve({ uploaded: 0, mounted: 0, present: 0, bytes: 0 }),
    check: () => Promise.resolve(),
    set: (name, digest, { kind }, signal) => push(git, { name, digest, kind }, signal),
    restore: (name) => Promise.reject(notRestorable(remote, name)),
  }
}

interface Git {
  readonly remote: string
  run(args: readonly string[], signal?: AbortSignal): Promise<ExecResult>
}

function gitAt({ cwd, env, exec, signal: own }: Context, remote: string): Git {
  const quiet = { ...env, GIT_TERMINAL_PROMPT: '0', LC_ALL: 'C' }
  const run = async (args: readonly string[], signal = own): Promise<ExecResult> => {
    try {
      return await exec('git', args, { cwd, env: quiet, signal })
    } catch (error) {
      throw clean(error)
    }
  }
  return { remote, run }
}

// The arguments of a program are seen by every user of the machine.
function assertNoSecret(remote: string): void {
  if (!/^[a-z][a-z0-9+.-]*:\/\/[^/@]*:[^/@]*@/i.test(remote)) return
  throw new WaybillError('ERR_SECRET_IN_URL', 'The address of the git remote holds a password', {
    hint: 'Name a remote of the repository, or give the address without it and let a credential helper answer.',
    outcome: 'usage',
  })
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

/** Reads the remote's tags of a pattern, each with the commit it leads to. */
async function list(
  git: Git,
  pattern: string,
  signal: AbortSignal | undefined,
): Promise<ReadonlyMap<string, NamedDigest>> {
  const patterns = [pattern, `${pattern}^{}`]
  const { stdout } = await git.run(['ls-remote', '--', git.remote, ...patterns], signal)
  const found = new Map<string, NamedDigest>()
  for (const line of new TextDecoder().decode(stdout).split('\n')) {
    const [object, reference = ''] = line.split('\t')
    if (!reference.startsWith('refs/tags/')) continue
    // `name^{}` follows `name` and is what an annotated tag leads to.
    const name = reference.slice('refs/tags/'.length).replace(/\^\{\}$/, '')
    found.set(name, `gitCommit:${object!}`)
  }
  return found
}

// A dry run asks for the right to write and writes nothing; it needs a commit to name, and any will do.
async function preflight(git: Git, signal: AbortSignal | undefined): Promise<void> {
  const name = 'refs/tags/waybill-preflight'
  await git.run(['push', '--dry-run', '--no-verify', '--', git.remote, `HEAD:${name}`], signal)
}

interface Push {
  readonly name: string
  readonly digest: NamedDigest
  readonly kind: 'immutable' | 'rolling'
}

/** An empty lease means "only if it does not exist": the one create-only write among the destinations. */
async function push(git: Git, { name, digest, kind }: Push, signal?: AbortSignal): Promise<void> {
  if (kind === 'rolling') throw notRestorable(git.remote, name)
  const reference = `refs/tags/${name}`
  const args = ['push', `--force-with-lease=${reference}:`, '--', git.remote]
  let failure: unknown
  try {
    await git.run([...args, `${digest.slice('gitCommit:'.length)}:${reference}`], signal)
  } catch (error) {
    failure = error
  }
  const found = (await list(git, reference, signal)).get(name)
  if (found === digest) return
  if (found === undefined) throw failure ?? unwritten(git.remote, name)
  throw new WaybillError(
    'ERR_IMMUTABLE_TAG',
    `git:${git.remote}: the tag ${name} was pushed by somebody else; wanted ${digest}, found ${found}`,
    {
      hint: 'Another release was made under this tag; release under a new version.',
      details: { destination: `git:${git.remote}`, name, wanted: digest, found },
    },
  )
}

function unwritten(remote: string, name: string): WaybillError {
  return new WaybillError(
    'ERR_READ_BACK',
    `git:${remote}: the tag ${name} was pushed but is absent`,
  )
}

function notRestorable(remote: string, name: string): WaybillError {
  return new WaybillError('ERR_NOT_RESTORABLE', `git:${remote}: the tag ${name} never moves`, {
    hint: 'Tags of a release are immutable; nothing rolls here.',
  })
}
