import { lstatSync, realpathSync } from 'node:fs'
import { basename, dirname, join, relative, resolve, sep } from 'node:path'
import {
  WaybillError,
  cacheKeyFile,
  createContext,
  createGit,
  userCacheFolder,
  type ContextOptions,
} from '@waybill/core'
import { BUILD_RECORD } from '@waybill/compile'
import type { Definition } from '../definition/types.ts'

type Environment = Readonly<Record<string, string | undefined>>

export interface UntrackedOptions extends ContextOptions {
  /** Whose builds name caches of their own in `env`. */
  readonly definition?: Definition | undefined
}

/**
 * Checks that git tracks nothing where outputs and caches are taken from: what a build left there is made from the sources, and a file that a commit
 * brings is not. `.gitignore` and `.gitkeep` hold no output. Costs nothing where none of these places is in the repository.
 * @throws {ERR_TRACKED_OUTPUT} naming the first of the files.
 */
export async function assertUntracked(options: UntrackedOptions = {}): Promise<void> {
  const { cwd, out, env } = createContext(options)
  const root = repositoryOf(cwd)
  if (root === undefined) return
  const named = [
    join(cwd, '.waybill'),
    ...outputsIn(out, root),
    ...cachesOf(env, cwd),
    ...definedCaches(options.definition, root),
  ]
  await refuseTracked(named, root, options)
}

/** The same for files that were named: those below `.waybill` or an output folder are outputs. @throws {ERR_TRACKED_OUTPUT} */
export async function assertUntrackedFiles(
  files: readonly string[],
  options: ContextOptions = {},
): Promise<void> {
  const { cwd, out, env } = createContext(options)
  const root = repositoryOf(cwd)
  if (root === undefined) return
  const outputs = ['.waybill', 'dist', out].map((folder) => real(resolve(cwd, folder)))
  const named = files
    .map((file) => resolve(cwd, file))
    .filter((file) => outputs.some((folder) => real(file).startsWith(folder + sep)))
  await refuseTracked([...named, ...ownCaches(env)], root, options)
}

async function refuseTracked(
  named: readonly string[],
  root: string,
  options: ContextOptions,
): Promise<void> {
  const paths = [...new Set(named.flatMap((path) => within(root, path)))]
  if (paths.length === 0) return
  const git = createGit({ ...createContext(options), cwd: root })
  const list = ['--literal-pathspecs', 'ls-files', '--cached', '--full-name', '-z', '--', ...paths]
  const tracked = (await git.text(list)).split('\0').filter(isOutput)
  if (tracked.length > 0) throw trackedOutput(tracked)
}

const isOutput = (path: string): boolean =>
  path !== '' && !['.gitignore', '.gitkeep'].includes(basename(path))

function trackedOutput(tracked: readonly string[]): WaybillError {
  const named = tracked.slice(0, 5).join(', ')
  const rest = tracked.length > 5 ? ', …' : ''
  return new WaybillError(
    'ERR_TRACKED_OUTPUT',
    `Git tracks ${tracked.length} files where only outputs and caches belong: ${named}${rest}; expected none, since a commit must not bring what a build makes`,
    {
      hint: `Remove them from the repository: \`git rm -r --cached -- ${quoted(tracked[0]!)}\`, commit that, and name the folder in .gitignore.`,
      details: { tracked },
    },
  )
}

const quoted = (path: string): string => (/^[\w./-]+$/.test(path) ? path : JSON.stringify(path))

function repositoryOf(cwd: string): string | undefined {
  for (let folder = real(cwd); ; folder = dirname(folder)) {
    if (exists(join(folder, '.git'))) return folder
    if (folder === dirname(folder)) return undefined
  }
}

// Where the output folder holds the sources too, only what a build writes there counts.
function outputsIn(out: string, root: string): readonly string[] {
  // A file in its place is refused where it is written to.
  if (isFile(out)) return []
  const place = real(out)
  return root === place || root.startsWith(place + sep) ? [join(out, BUILD_RECORD)] : [out]
}

/** Variables that name caches of compilers, and what of each is output. */
const CACHES: Readonly<Record<string, readonly string[]>> = {
  GOCACHE: ['.'],
  GOMODCACHE: ['.'],
  GOPATH: ['pkg'],
  CARGO_HOME: ['registry', 'git'],
  ZIG_GLOBAL_CACHE_DIR: ['.'],
  ZIG_LOCAL_CACHE_DIR: ['.'],
  DENO_DIR: ['.'],
  BUN_INSTALL_CACHE_DIR: ['.'],
  CARGO_TARGET_DIR: ['.'],
  HOME: ['.cache', '.cargo/registry', '.cargo/git', 'go/pkg'],
}

function cachesOf(env: Environment, base: string): readonly string[] {
  const theirs = Object.entries(CACHES).flatMap(([name, below]) => {
    const folder = env[name] ?? ''
    return folder === '' ? [] : below.map((path) => resolve(base, folder, path))
  })
  return [...ownCaches(env), ...theirs]
}

const ownCaches = (env: Environment): readonly string[] =>
  [userCacheFolder(env), cacheKeyFile(env)].filter((path) => path !== undefined)

function definedCaches(definition: Definition | undefined, root: string): readonly string[] {
  return Object.values(definition?.components ?? {}).flatMap(({ path, builds = [] }) =>
    builds.flatMap((build) => {
      const { env } = build as { readonly env?: Environment }
      return env === undefined ? [] : cachesOf({ ...env, XDG_CACHE_HOME: '' }, resolve(root, path))
    }),
  )
}

// As it is named, which may be a link that is tracked, and where it leads; git refuses to look beyond a link.
function within(root: string, path: string): readonly string[] {
  const named = join(real(dirname(path)), basename(path))
  return [named, real(path)]
    .filter((place) => exists(place) && place.startsWith(root + sep))
    .map((place) => relative(root, place))
}

// What is not there yet has its place in what is.
function real(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return dirname(path) === path ? path : join(real(dirname(path)), basename(path))
  }
}

// What this user may not look at, nobody takes anything from.
function exists(path: string): boolean {
  try {
    lstatSync(path)
    return true
  } catch {
    return false
  }
}

function isFile(path: string): boolean {
  return exists(path) && lstatSync(path).isFile()
}
