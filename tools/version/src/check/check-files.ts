import { isWaybillError, messageOf, type Release } from '@waybill/core'
import { readThroughJournal } from '../apply/journal.ts'
import { lockEdits } from '../plan/lock-edits.ts'
import { findVersionFiles, versionEdits, type FileEdit } from '../edits/version-edits.ts'
import type { VersionFile } from '../types.ts'
import { joinPath } from '../workspace-files.ts'
import { openFiles } from '../workspace/file-tree.ts'
import { workspaceOf } from '../workspace/read-workspace.ts'
import type { Checked } from './types.ts'

type Wanted = Pick<Release, 'component' | 'path' | 'version'>

/** Checks the files that carry a release's version, and the lock files that repeat it: whatever a plan would still edit lags. */
export async function checkFiles(
  release: Wanted,
  root: string,
  declared: readonly VersionFile[] | undefined,
): Promise<readonly Checked[]> {
  const files = openFiles(root, await readThroughJournal(root))
  const workspace = await workspaceOf(files, [release.path])
  const repository = { workspace, read: files.read }
  const entries = declared ?? (await findVersionFiles(release.path, workspace, files))
  const wanted = { ...release, from: null, to: release.version }
  const edits: FileEdit[] = []
  const missing: Checked[] = []
  for (const entry of entries) {
    try {
      edits.push(...(await versionEdits(wanted, [entry], repository)).edits)
    } catch (error) {
      if (!isWaybillError(error)) throw error
      missing.push(absent(release, entry, messageOf(error)))
    }
  }
  const locked = await lockEdits(workspace, edits, files)
  const versions = locked.filter(({ edit }) => edit.at.endsWith('version'))
  const unread = entries.length === 0 && declared !== undefined ? [] : [...files.unreadable]
  return [
    ...[...edits, ...versions].map((one) => compare(release, one)),
    ...missing,
    ...unread.map(([path, message]) => absent(release, `/${path}`, message)),
  ]
}

function compare({ component, version }: Wanted, { path, edit }: FileEdit): Checked {
  const found = edit.from.replace(/^v(?=\d)/, '')
  const where = `${path} ${edit.at}`
  const check = { component, kind: 'file', where, expected: version, found } as const
  if (found === version) return { check }
  return {
    check,
    finding: {
      code: 'version-mismatch',
      level: 'error',
      message: `${where}: expected ${version}, found ${found}`,
      suggestion: 'Run `waybill version --apply` and commit what it edits, before the tag is made.',
      where: { path },
    },
  }
}

function absent(
  { component, path, version }: Wanted,
  entry: VersionFile,
  message: string,
): Checked {
  const name = typeof entry === 'string' ? entry : entry.path
  return {
    check: { component, kind: 'file', where: name, expected: version, found: null },
    finding: {
      code: 'version-missing',
      level: 'error',
      message,
      suggestion: 'Mend the path, keys or pattern in versionFiles, or take the file out of it.',
      where: { path: placeOf(path, name) },
    },
  }
}

// What is wrong may be the path itself.
function placeOf(folder: string, name: string): string {
  try {
    return joinPath(folder, name)
  } catch {
    return name
  }
}
