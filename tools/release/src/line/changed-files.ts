import { lstat, realpath } from 'node:fs/promises'
import { join } from 'node:path'
import { createContext, createGit, digestFile, type ContextOptions, type Git } from '@waybill/core'
import { readPointers, type LfsPointer } from './lfs-pointers.ts'

/** The tracked files that differ from the commit that is released, those of submodules too; relative to the repository's root. */
export async function changedFiles(options: ContextOptions): Promise<string[]> {
  const git = createGit(createContext(options))
  const root = (await git.text(['rev-parse', '--show-toplevel'])).replace(/\r?\n$/, '')
  const changed = await differing(git)
  // What a filter made of a file is known only by running it; what Git LFS made of one is told by the digest in the commit.
  const pointers = await readPointers(git, changed)
  const kept = await Promise.all(
    changed.map(async (path) => !(await holds(join(root, path), pointers.get(path)))),
  )
  const own = changed.filter((_path, at) => kept[at])
  const below = await Promise.all(
    (await submodules(git)).map((path) => changedBelow(join(root, path), path, options)),
  )
  return [...own, ...below.flat()]
}

// Inside of a submodule git would believe its configuration whole.
const STATUS = ['status', '--porcelain', '--untracked-files=no', '--no-renames', '-z']

async function differing(git: Git): Promise<string[]> {
  const text = await git.text([...STATUS, '--ignore-submodules=dirty'])
  const lines = text.split('\0').filter((line) => line !== '')
  return lines.map((line) => line.slice(3))
}

async function submodules(git: Git): Promise<string[]> {
  const lines = (await git.text(['ls-files', '--stage', '-z', '--full-name', ':/'])).split('\0')
  return lines.filter((line) => line.startsWith('160000 ')).map((line) => line.split('\t')[1]!)
}

// One that is not there has no files that could differ.
async function changedBelow(
  folder: string,
  path: string,
  options: ContextOptions,
): Promise<string[]> {
  const found = await lstat(join(folder, '.git')).catch(() => undefined)
  if (found === undefined) return []
  const changed = await changedFiles({ ...options, cwd: await realpath(folder) })
  return changed.map((file) => `${path}/${file}`)
}

async function holds(file: string, pointer: LfsPointer | undefined): Promise<boolean> {
  if (pointer === undefined) return false
  const facts = await lstat(file).catch(() => undefined)
  if (facts?.isFile() !== true || facts.size !== pointer.size) return false
  if (process.platform !== 'win32' && ((facts.mode & 0o100) !== 0) !== pointer.isProgram)
    return false
  return (await digestFile(file)).digest === pointer.digest
}
