import {
  createContext,
  hideCredentials,
  tagNameProblem,
  WaybillError,
  type ContextOptions,
  type Destination,
} from '@waybill/core'
import { createTag, moveTag, readTag } from './push-tag.ts'
import { readTags, remoteAt, type Remote } from './remote.ts'

export interface GitRemoteOptions extends ContextOptions {
  /** @default true */
  readonly required?: boolean
  /** Templates of tags that move forward with the releases, as users of an action expect them: `v{major}`. @default none */
  readonly rolling?: readonly string[]
}

/**
 * A git remote as a destination: a release's tag, pushed from the repository at `cwd`, create-only, and the rolling tags that
 * were asked for, moved by a push that the remote itself compares. It is named `git:<remote>`.
 * A tag that stands, lightweight or annotated, is compared by the commit it leads to.
 * @throws {ERR_SECRET_IN_URL} {ERR_INVALID_TAG}
 */
export function gitRemote(name: string, options: GitRemoteOptions = {}): Destination {
  assertNoSecret(name)
  const remote = remoteAt(createContext(options), name)
  return {
    name: `git:${name}`,
    kind: 'git',
    required: options.required ?? true,
    rolling: options.rolling ?? [],
    wanted: (_content, release) => {
      if (release !== undefined) {
        assertTagName(release.tag)
        return `gitCommit:${release.commit}`
      }
      throw new WaybillError(
        'ERR_NO_RELEASE_TAG',
        `git:${name} needs the release's tag and commit`,
        {
          hint: 'Give the whole release; on the command line --git-tag and --commit.',
          outcome: 'usage',
        },
      )
    },
    preflight: (signal) => preflight(remote, signal),
    names: async (signal) => [...(await readTags(remote, 'refs/tags/*', signal)).keys()],
    observe: async (tag, signal) => (await readTag(remote, tag, signal))?.commit,
    put: () => Promise.resolve({ uploaded: 0, mounted: 0, present: 0, bytes: 0 }),
    check: () => Promise.resolve(),
    set: async (tag, wanted, { kind, previous }, signal) => {
      assertTagName(tag)
      if (kind === 'rolling') await moveTag(remote, tag, { wanted, previous }, signal)
      else await createTag(remote, tag, wanted, signal)
    },
    restore: async (tag, wanted, signal) => {
      const previous = (await readTag(remote, tag, signal))?.commit
      await moveTag(remote, tag, { wanted, previous }, signal)
    },
  }
}

const TOKEN = /^(?:gh[a-z]_|github_pat_|gl[a-z]+-|x-access-token|oauth2)/i

function assertTagName(tag: string): void {
  const problem = tagNameProblem(tag)
  if (problem === undefined) return
  throw new WaybillError('ERR_INVALID_TAG', `Git takes no such tag: ${problem}`, {
    hint: "Change the tag's format, or name another tag.",
    outcome: 'usage',
    details: { tag },
  })
}

// The arguments of a program are seen by every user of the machine, and the plan and the receipt name the remote. A user alone (https://me@host) is no
// secret, but a token is written in the same place; those are longer than names of people.
function assertNoSecret(remote: string): void {
  const user = /^https?:\/\/([^/?#]*)@/i.exec(remote)?.[1]
  const isName = user !== undefined && /^[\w.-]{1,19}$/.test(user) && !TOKEN.test(user)
  const isFolder = /^[^:]*\//.test(remote)
  if (hideCredentials(remote) === remote || isName || isFolder) return
  throw new WaybillError('ERR_SECRET_IN_URL', 'The address of the git remote holds a password', {
    hint: 'Name a remote of the repository, or give the address without it and let a credential helper answer.',
    outcome: 'usage',
  })
}

// A dry run asks for the right to write and writes nothing; it needs a commit to name, and any will do.
async function preflight(remote: Remote, signal: AbortSignal | undefined): Promise<void> {
  const name = 'refs/tags/waybill-preflight'
  await remote.run(['push', '--dry-run', '--no-verify', '--', remote.name, `HEAD:${name}`], signal)
}
