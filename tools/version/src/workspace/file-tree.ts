import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { isWaybillError, type Finding } from '@waybill/core'
import { parseTree } from '../locate/version-file.ts'
import { nodeAt, toText, type DocumentNode } from '../locate/tree.ts'
import { fileReader, type ReadBytes } from '../workspace-files.ts'
import type { ListFolders } from './expand-globs.ts'
import type { TextPlace } from './types.ts'

/** A repository's files, read at most once each. */
export interface FileTree {
  readonly root: string
  readonly read: ReadBytes
  readonly list: ListFolders
  /** A structured file's first document; undefined where there is no such file, or none that can be read. */
  readonly tree: (path: string) => Promise<DocumentNode | undefined>
  /** What was wrong with files that nobody declared and that count as absent, by path. */
  readonly unreadable: Map<string, string>
}

/** Takes down that a file cannot be read, and passes every other error on. */
export function noteUnreadable(
  files: Pick<FileTree, 'unreadable'>,
  path: string,
): (error: unknown) => undefined {
  return (error) => {
    if (!isWaybillError(error) || !UNREADABLE.has(error.code)) throw error
    files.unreadable.set(path, error.message)
    return undefined
  }
}

const UNREADABLE = new Set(['ERR_INVALID_JSON', 'ERR_INVALID_TOML', 'ERR_INVALID_YAML'])

/** A warning for every file that counted as absent. */
export function unreadableFindings({ unreadable }: Pick<FileTree, 'unreadable'>): Finding[] {
  return [...unreadable].map(([path, message]) => ({
    code: 'manifest-unreadable',
    level: 'warning',
    message: `${message}; it counts as absent`,
    suggestion: 'Mend the file: versions and dependencies it names are not followed.',
    where: { path },
  }))
}

/** Opens the files below a root; `overlay` changes what is read, for edits that are still under way. */
export function openFiles(root: string, overlay: (read: ReadBytes) => ReadBytes = same): FileTree {
  const read = overlay(fileReader(root))
  const trees = new Map<string, Promise<DocumentNode | undefined>>()
  const unreadable = new Map<string, string>()
  return {
    root,
    read,
    unreadable,
    list: (path) => listFolders(join(root, path)),
    tree(path) {
      const found = trees.get(path) ?? parse(path, read).catch(noteUnreadable({ unreadable }, path))
      trees.set(path, found)
      return found
    },
  }
}

const same = (read: ReadBytes): ReadBytes => read

async function parse(path: string, read: ReadBytes): Promise<DocumentNode | undefined> {
  const bytes = await read(path)
  return bytes === undefined ? undefined : (await parseTree(toText(bytes), path))?.[0]
}

async function listFolders(place: string): Promise<readonly string[]> {
  const entries = await readdir(place, { withFileTypes: true }).catch(() => [])
  return entries
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .toSorted()
}

/** Where the text under a list of keys stands; undefined for anything but a text that can be replaced. */
export function placeOfKeys(
  tree: DocumentNode | undefined,
  keys: readonly string[],
  place: { readonly path: string; readonly at: string },
): TextPlace | undefined {
  const node = nodeAt(tree, keys)
  if (node?.kind !== 'scalar' || typeof node.value !== 'string' || !node.editable) return undefined
  return { ...place, offset: node.offset, text: node.value }
}
