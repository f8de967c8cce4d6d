import {
  lstat,
  mkdir,
  mkdtemp,
  readFile,
  realpath,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { asFileError } from '../files/files.ts'

/** Where the parts of a repository lie; all absolute. */
export interface RepositoryPlace {
  /** `.git`, or a linked worktree's own part of it. */
  readonly gitDir: string
  /** What all worktrees share: configuration, references and objects. */
  readonly common: string
  /** The folder with the files; undefined for a bare repository. */
  readonly worktree: string | undefined
}

/** Finds the parts of the repository whose git directory is known, seen from `cwd`. */
export async function placeOfRepository(gitDir: string, cwd: string): Promise<RepositoryPlace> {
  const shared = await readFile(join(gitDir, 'commondir'), 'utf8').catch(() => '')
  const common = shared === '' ? gitDir : resolve(gitDir, shared.trim())
  return { gitDir, common, worktree: await worktreeOf(gitDir, cwd) }
}

// By where `.git` is found, not by `core.worktree`, which may lead anywhere.
async function worktreeOf(gitDir: string, cwd: string): Promise<string | undefined> {
  const real = await realpath(gitDir)
  for (let folder = await realpath(cwd); ; folder = dirname(folder)) {
    const found = await targetOf(join(folder, '.git')).catch(() => undefined)
    if (found === real) return folder
    if (dirname(folder) === folder) return undefined
  }
}

async function targetOf(path: string): Promise<string> {
  if ((await stat(path)).isDirectory()) return realpath(path)
  const text = await readFile(path, 'utf8')
  return realpath(resolve(dirname(path), text.replace(/^gitdir:\s*/, '').trim()))
}

// References and what belongs to them. Hooks, grafts and everything else that is not named here does not exist for git.
const SHARED = ['refs', 'reftable', 'packed-refs', 'shallow', 'info/attributes'] as const

/**
 * Lends a view of a repository: a folder that takes the place of the one its worktrees share, with `config` in place of its own configuration, which
 * could name programs. `work` gets the variables by which git finds it.
 */
export async function withView<Result>(
  { gitDir, common, worktree }: RepositoryPlace,
  config: string,
  work: (env: Readonly<Record<string, string>>) => Promise<Result>,
): Promise<Result> {
  const prefix = join(tmpdir(), 'waybill-git-')
  const folder = await mkdtemp(prefix).catch((error: unknown) => {
    throw asFileError(error, prefix)
  })
  try {
    await mkdir(join(folder, 'info'))
    await Promise.all([
      writeFile(join(folder, 'config'), config, { mode: 0o600 }),
      ...SHARED.map((name) => link(join(common, name), join(folder, name))),
    ])
    const isShallow = await isThere(join(folder, 'shallow'))
    const result = await work({
      GIT_DIR: gitDir,
      GIT_COMMON_DIR: folder,
      GIT_OBJECT_DIRECTORY: join(common, 'objects'),
      ...(worktree === undefined ? {} : { GIT_WORK_TREE: worktree }),
    })
    // Where the whole history was fetched, git removes the list of missing parents, which is only a link here.
    if (isShallow && !(await isThere(join(folder, 'shallow'))))
      await rm(join(common, 'shallow'), { force: true })
    return result
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const isThere = (path: string): Promise<boolean> =>
  lstat(path).then(
    () => true,
    () => false,
  )

async function link(target: string, path: string): Promise<void> {
  const facts = await stat(target).catch(() => undefined)
  // On Windows only a folder can be linked without being allowed to.
  if (facts?.isDirectory() === true) await symlink(target, path, 'junction')
  else if (facts !== undefined && process.platform === 'win32')
    await writeFile(path, await readFile(target))
  else if (facts !== undefined) await symlink(target, path)
}
