import { lstat, readdir, readFile, readlink } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { compareText, digestFile, digestOf, mapLimit, type Digest } from '@waybill/core'

export interface SourceDigestOptions {
  /** Paths are taken relative to this folder, so that another folder with the same content has the same digest. */
  readonly root: string
  /** Absolute paths that are left out, with all below them. */
  readonly excluded: readonly string[]
}

// Never part of a source: the repository's own data, and what earlier builds left.
const IGNORED = new Set(['.git', '.waybill', '.zig-cache', 'zig-cache', 'zig-out'])
const WHOLE = 1024 * 1024

/** The digest of files and folders: paths, executable bits and content; neither times nor owners. */
export async function sourceDigest(
  paths: readonly string[],
  options: SourceDigestOptions,
): Promise<Digest> {
  const excluded = new Set(options.excluded)
  const files = (await Promise.all(paths.map((path) => listFiles(path, excluded)))).flat()
  const unique = [...new Set(files)].toSorted(compareText)
  const lines = await mapLimit(unique, 16, async (file) => {
    const name = relative(options.root, file).replaceAll('\\', '/')
    return `${await describeFile(file)} ${JSON.stringify(name)}\n`
  })
  return digestOf(lines.join(''))
}

async function listFiles(path: string, excluded: ReadonlySet<string>): Promise<string[]> {
  if (excluded.has(path)) return []
  const stats = await lstat(path).catch(() => undefined)
  if (stats === undefined) return []
  if (!stats.isDirectory()) return [path]
  const names = await readdir(path)
  const kept = names.filter((name) => !IGNORED.has(name))
  return (await Promise.all(kept.map((name) => listFiles(join(path, name), excluded)))).flat()
}

async function describeFile(file: string): Promise<string> {
  const stats = await lstat(file)
  if (stats.isSymbolicLink()) return `link ${JSON.stringify(await readlink(file))}`
  if (!stats.isFile()) return 'special'
  const mode = (stats.mode & 0o100) === 0 ? 'file' : 'program'
  return `${mode} ${stats.size > WHOLE ? await digestOfFile(file) : digestOf(await readFile(file))}`
}

/** The digest of a file's content, read in pieces. */
export async function digestOfFile(file: string): Promise<Digest> {
  return (await digestFile(file)).digest
}
