import { posix } from 'node:path'
import { type RunConfig } from '@waybill/oci'
import { MOUNTED, executable, fileOf, follow, type TreeNode } from '@waybill/oci/internal'

/** The words that a container of an image starts with; empty where it starts nothing by itself. OCI image-spec, config.md, "Entrypoint" and "Cmd". */
export function startWords({ Entrypoint = [], Cmd = [] }: RunConfig): readonly string[] {
  return [...Entrypoint, ...Cmd]
}

// Docker gives it to a process whose image says none (moby, oci/defaults.go).
const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/** The folders of an image's PATH, in turn, as its Env has them: the last entry counts, and one without "=" takes the variable away. */
export function searchFolders(env: readonly string[] = []): readonly string[] {
  const own = env.findLast((entry) => entry === 'PATH' || entry.startsWith('PATH='))
  const value = own === undefined ? DEFAULT_PATH : own.slice('PATH='.length)
  return value === '' ? [] : value.split(':')
}

/** Where a word that names a program can lead: itself, from the working folder, or in each folder of the image's PATH. */
export function placesOf(word: string, config: RunConfig): readonly string[] {
  const here = posix.resolve('/', config.WorkingDir ?? '')
  if (word.includes('/')) return [posix.resolve(here, word)]
  // An empty or a relative folder is seen from the working directory.
  return searchFolders(config.Env).map((folder) => posix.resolve(here, folder, word))
}

/** A program of an image. */
export interface Program {
  /** Every link followed. */
  readonly path: string
  /** The file itself, also behind a hard link. */
  readonly node: TreeNode
}

/** Finds what a word starts, as the kernel and a search of PATH do; undefined where nothing is there that can be started, or nobody can say what. */
export function findProgram(root: TreeNode, word: string, config: RunConfig): Program | undefined {
  if (word === '') return undefined
  for (const place of placesOf(word, config)) {
    const found = follow(root, place, MOUNTED)
    // What an engine has there nobody knows: perhaps the program, which then starts in place of all that follow.
    if (found.mounted !== undefined) return undefined
    if (found.node === undefined || !executable(found.node).perhaps) continue
    return executable(found.node).surely || isAsItSays(found.node)
      ? { path: found.path, node: fileOf(found.node) }
      : undefined
  }
  return undefined
}

// No hard link gives the file another right to be executed than its own header does.
function isAsItSays(node: TreeNode): boolean {
  const { header, linkModes = [] } = fileOf(node)
  return linkModes.every((mode) => ((mode ^ (header?.mode ?? 0)) & 0o111) === 0)
}
