import { readdir } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { messageOf, WaybillError, type Bump, type GitContext } from '@waybill/core'
import { gitIn, type GitText } from '../git.ts'
import { NO_CHANGESETS, type Changeset, type ChangesetHistory } from './types.ts'

interface Added {
  readonly path: string
  readonly commit: string
}

const NOT_CHANGESETS = /^(?:README|AGENTS|CLAUDE|GEMINI)\.md$/i

/**
 * Reads the changeset files that were added after any of `starts` (full commit names, `''` for the beginning) and are reachable from HEAD.
 * One that was consumed since counts on, until its release has a tag; one that was only taken back does not.
 * @throws {ERR_INVALID_CHANGESET}
 */
export async function readChangesets(
  root: string,
  starts: readonly string[],
  context: GitContext,
): Promise<ChangesetHistory> {
  if ((await namesIn(root)).every((name) => name !== '.git')) return NO_CHANGESETS
  const git = gitIn(root, context)
  const present = await namesIn(join(root, '.changeset'))
  if (present.length === 0 && !(await everHeld(git))) return NO_CHANGESETS
  const here = new Set(lines(await git('ls-tree', '-r', '-z', '--name-only', 'HEAD', '.changeset')))
  const since = new Map<string, ReadonlySet<string>>()
  const found = new Map<string, Added>()
  for (const start of new Set(starts)) {
    const added = await addedSince(start, git)
    since.set(start, new Set(added.map(({ path }) => idOf(path))))
    for (const one of added) found.set(idOf(one.path), one)
  }
  const read = await Promise.all([...found].map(([id, one]) => readOne(id, one, here, git)))
  const uncommitted = present
    .map((name) => `.changeset/${name}`)
    .filter((path) => isChangeset(path) && !here.has(path))
  return { changesets: read.filter((one) => one !== undefined), since, uncommitted }
}

const namesIn = (folder: string): Promise<readonly string[]> => readdir(folder).catch(() => [])

const isChangeset = (path: string): boolean =>
  path.endsWith('.md') && !NOT_CHANGESETS.test(basename(path))

const lines = (text: string): readonly string[] => text.split('\0').filter((line) => line !== '')

const idOf = (path: string): string => basename(path, '.md')

// git removes a folder with its last file: consumed changesets may be all there ever were. Without any commit there were none.
const everHeld = (git: GitText): Promise<boolean> =>
  git('rev-list', '-1', 'HEAD', '--', '.changeset').then(
    (commit) => commit !== '',
    () => false,
  )

// A merge shows what it adds itself. A file that is only moved (to `.changeset/pre/`, in changesets' prerelease mode, or to another name) was not
// added then, but where it came from was: exact renames are told apart.
const ADDED = [
  '--find-renames=100%',
  '--diff-filter=AR',
  '--diff-merges=combined',
  '--name-status',
  '-z',
  '--format=%x01%H',
] as const

async function addedSince(start: string, git: GitText): Promise<readonly Added[]> {
  const range = start === '' ? 'HEAD' : `${start}..HEAD`
  const text = await git('log', '--reverse', ...ADDED, range, '--', '.changeset/*.md')
  const added: Added[] = []
  for (const entry of text.split('\u0001')) {
    const [commit = '', ...fields] = lines(entry).map((part) => part.trim())
    for (const { status, from, path } of changesIn(fields)) {
      const before = added.find((one) => one.path === from)?.commit
      const since = status.startsWith('A') ? commit : before
      if (since !== undefined && isChangeset(path)) added.push({ path, commit: since })
    }
  }
  return added.toReversed()
}

interface Change {
  readonly status: string
  /** Where a renamed file was. */
  readonly from?: string
  readonly path: string
}

// `A`, path; `AA`, path, for a merge; `R100`, where it was, path.
function changesIn(fields: readonly string[]): readonly Change[] {
  const changes: Change[] = []
  for (let at = 0; at < fields.length;) {
    const status = fields[at++]!
    const from = /^R\d+$/.test(status) ? { from: fields[at++]! } : {}
    changes.push({ status, ...from, path: fields[at++] ?? '' })
  }
  return changes
}

async function readOne(
  id: string,
  { path, commit }: Added,
  here: ReadonlySet<string>,
  git: GitText,
): Promise<Changeset | undefined> {
  const now = [path, `.changeset/pre/${id}.md`].find((one) => here.has(one))
  if (now !== undefined) {
    const text = await git('show', `HEAD:${now}`)
    return { id, path: now, commit, pending: true, ...(await parse(text, now)) }
  }
  const gone = (await git('log', '-1', '--format=%H', '--diff-filter=D', 'HEAD', '--', path)).trim()
  if (gone === '' || !(await consumed(gone, git))) return undefined
  const text = await git('show', `${gone}^:${path}`)
  return { id, path, commit, pending: false, ...(await parse(text, path)) }
}

// Whoever consumes a changeset writes a version or a changelog in the same commit.
async function consumed(commit: string, git: GitText): Promise<boolean> {
  const names = lines(
    await git('diff-tree', '-r', '-z', '--no-commit-id', '--name-only', '-m', '--root', commit),
  )
  return names.some((name) => !name.startsWith('.changeset/'))
}

async function parse(text: string, path: string): Promise<Pick<Changeset, 'summary' | 'releases'>> {
  const { parseChangesetFile } = await import('@changesets/parse')
  try {
    const { summary, releases } = parseChangesetFile(text)
    return { summary, releases: releases.map(({ name, type }) => ({ name, bump: type as Bump })) }
  } catch (error) {
    throw new WaybillError('ERR_INVALID_CHANGESET', `${path}: ${messageOf(error)}`, {
      hint: 'Write the names of packages and major, minor, patch or none between two lines of ---.',
      details: { path },
      cause: error,
    })
  }
}
