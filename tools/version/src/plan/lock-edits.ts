import { posix } from 'node:path'
import { stringifyKeyPath } from '../locate/key-path.ts'
import { childOf, itemsAt, stringAt, type DocumentNode } from '../locate/tree.ts'
import { placeOfKeys, type FileTree } from '../workspace/file-tree.ts'
import type { Workspace, WorkspacePackage } from '../workspace/types.ts'
import { lockKey } from './range-edits.ts'
import type { FileEdit } from '../edits/version-edits.ts'

/** The edits of lock files that repeat the versions which `edits` change in manifests. */
export async function lockEdits(
  workspace: Workspace,
  edits: readonly FileEdit[],
  files: FileTree,
): Promise<readonly FileEdit[]> {
  const moved = workspace.packages.flatMap((one) => {
    const to = newVersion(one, edits)
    return to === undefined || one.version === null ? [] : [{ one, from: one.version, to }]
  })
  const found: FileEdit[] = []
  for (const path of workspace.lockFiles) {
    const tree = await files.tree(path)
    for (const move of moved) {
      const place = path.endsWith('.json') ? npmEdits : cargoEdits
      if (tree !== undefined) found.push(...place(path, tree, move))
    }
  }
  return found
}

interface Move {
  readonly one: WorkspacePackage
  readonly from: string
  readonly to: string
}

function newVersion(one: WorkspacePackage, edits: readonly FileEdit[]): string | undefined {
  const path = one.inheritsFrom ?? one.manifest
  const at =
    one.kind === 'npm'
      ? 'version'
      : one.inheritsFrom === null
        ? 'package.version'
        : 'workspace.package.version'
  return edits.find((edit) => edit.path === path && edit.edit.at === at)?.edit.to
}

function npmEdits(path: string, tree: DocumentNode, { one, to }: Move): readonly FileEdit[] {
  const folder = one.kind === 'npm' ? lockKey(path, one.path) : undefined
  if (folder === undefined) return []
  const lists = [['packages', folder, 'version'], ...(folder === '' ? [['version']] : [])]
  return lists.flatMap((keys) => {
    const at = stringifyKeyPath(keys)
    const place = placeOfKeys(tree, keys, { path, at })
    return place === undefined
      ? []
      : [{ path, edit: { at, offset: place.offset, from: place.text, to } }]
  })
}

// A package of the workspace has no source. Where several versions of a name are locked, dependencies say which: `name 1.0.0`.
function cargoEdits(
  path: string,
  tree: DocumentNode,
  { one, from, to }: Move,
): readonly FileEdit[] {
  if (one.kind !== 'cargo' || !isBelow(one.path, posix.dirname(path))) return []
  const entries = [...itemsAt(tree, ['package']).entries()]
  const own = entries.filter(([, entry]) => isOwn(entry, one.name))
  // One that lags behind its manifest is brought along, unless it may be another crate of that name.
  const moved =
    own.length === 1 ? own : own.filter(([, entry]) => stringAt(entry, ['version']) === from)
  const locked = new Set(moved.map(([, entry]) => `${one.name} ${stringAt(entry, ['version'])}`))
  const versions = moved.map(([index]) => ({
    keys: ['package', String(index), 'version'],
    value: to,
  }))
  const named = entries.flatMap(([index, entry]) =>
    [...itemsAt(entry, ['dependencies']).entries()]
      .filter(([, item]) => item.kind === 'scalar' && locked.has(String(item.value)))
      .map(([position]) => ({
        keys: ['package', String(index), 'dependencies', String(position)],
        value: `${one.name} ${to}`,
      })),
  )
  return [...versions, ...named].flatMap(({ keys, value }) => edit(path, tree, keys, value))
}

const isOwn = (entry: DocumentNode, name: string): boolean =>
  stringAt(entry, ['name']) === name && childOf(entry, 'source') === undefined

const isBelow = (path: string, folder: string): boolean =>
  folder === '.' || path === folder || path.startsWith(`${folder}/`)

function edit(
  path: string,
  tree: DocumentNode,
  keys: readonly string[],
  to: string,
): readonly FileEdit[] {
  const at = stringifyKeyPath(keys)
  const place = placeOfKeys(tree, keys, { path, at })
  return place === undefined
    ? []
    : [{ path, edit: { at, offset: place.offset, from: place.text, to } }]
}
