import { WaybillError, type NamedDigest } from '@waybill/core'
import { readTags, type Remote, type RemoteTag } from './remote.ts'

/** Creates a tag, or finds it standing as wanted. @throws {ERR_IMMUTABLE_TAG} {ERR_READ_BACK} */
export async function createTag(
  remote: Remote,
  name: string,
  wanted: NamedDigest,
  signal?: AbortSignal,
): Promise<void> {
  const { found, failure } = await push(remote, { name, wanted, expected: '' }, signal)
  if (found === wanted) return
  if (found === undefined) throw failure ?? unwritten(remote, name)
  throw new WaybillError(
    'ERR_IMMUTABLE_TAG',
    `git:${remote.name}: the tag ${name} was pushed by somebody else; wanted ${wanted}, found ${found}`,
    {
      hint: 'Another release was made under this tag; release under a new version.',
      details: { destination: `git:${remote.name}`, name, wanted, found },
    },
  )
}

/** What a rolling tag shall be, and what it was when it was last looked at; undefined is absent. */
export interface Move {
  readonly wanted: NamedDigest | undefined
  readonly previous: NamedDigest | undefined
}

/** Moves a tag if it still is what it was: the remote itself compares. @throws {ERR_STALE_PLAN} {ERR_READ_BACK} */
export async function moveTag(
  remote: Remote,
  name: string,
  { wanted, previous }: Move,
  signal?: AbortSignal,
): Promise<void> {
  const standing = await readTag(remote, name, signal)
  if (standing?.commit === wanted) return
  if (standing?.commit !== previous) throw moved(remote, name, previous, standing?.commit)
  const expected = standing?.object ?? ''
  const { found, failure } = await push(remote, { name, wanted, expected }, signal)
  if (found === wanted) return
  if (found !== previous) throw moved(remote, name, previous, found)
  throw failure ?? unwritten(remote, name)
}

/** What a tag leads to now. */
export async function readTag(
  remote: Remote,
  name: string,
  signal?: AbortSignal,
): Promise<RemoteTag | undefined> {
  return (await readTags(remote, `refs/tags/${name}`, signal)).get(name)
}

interface Push {
  readonly name: string
  readonly wanted: NamedDigest | undefined
  /** The object the tag must name for the remote to take the push; empty: it must not exist (git-push(1), --force-with-lease). */
  readonly expected: string
}

interface Pushed {
  readonly found: NamedDigest | undefined
  readonly failure: unknown
}

// Whether a push that failed took effect is known only by looking.
async function push(
  remote: Remote,
  { name, wanted, expected }: Push,
  signal?: AbortSignal,
): Promise<Pushed> {
  const reference = `refs/tags/${name}`
  const source = wanted?.slice('gitCommit:'.length) ?? ''
  const lease = `--force-with-lease=${reference}:${expected}`
  let failure: unknown
  try {
    await remote.run(['push', lease, '--', remote.name, `${source}:${reference}`], signal)
  } catch (error) {
    failure = error
  }
  return { found: (await readTag(remote, name, signal))?.commit, failure }
}

function moved(
  remote: Remote,
  name: string,
  previous: NamedDigest | undefined,
  found: NamedDigest | undefined,
): WaybillError {
  return new WaybillError(
    'ERR_STALE_PLAN',
    `git:${remote.name}: the tag ${name} was moved by somebody else; expected ${previous ?? 'absent'}, found ${found ?? 'absent'}`,
    {
      details: { destination: `git:${remote.name}`, name, expected: previous, found },
    },
  )
}

function unwritten({ name: remote }: Remote, name: string): WaybillError {
  return new WaybillError(
    'ERR_READ_BACK',
    `git:${remote}: the tag ${name} was pushed but does not stand`,
  )
}
