import { compareText, WaybillError, type Finding } from '@waybill/core'
import type { Changeset } from '../changesets/types.ts'
import { asVersionFile, locateVersions } from '../locate/version-file.ts'
import type { PlannedFile, PlannedRelease, VersionFile } from '../types.ts'
import type { FileTree } from '../workspace/file-tree.ts'
import type { Workspace } from '../workspace/types.ts'
import { editBytes, planFile, planRemoval } from '../apply/edits.ts'
import { lockEdits } from './lock-edits.ts'
import type { PlannedReleases } from './plan-releases.ts'
import { rangeEdits } from './range-edits.ts'
import { findVersionFiles, versionEdits, type FileEdit } from '../edits/version-edits.ts'

/** What one file needs. */
export interface FileEdits {
  readonly path: string
  readonly edits: readonly FileEdit['edit'][]
  readonly remove?: boolean
  /** Places to look at again once edited. */
  readonly check?: readonly { readonly file: VersionFile; readonly release: PlannedRelease }[]
}

/** The edits that bring releases into version files, ranges and lock files. */
export async function releaseEdits(
  planned: PlannedReleases,
  workspace: Workspace,
  files: FileTree,
  declared: Readonly<Record<string, readonly VersionFile[] | undefined>>,
): Promise<{ files: readonly FileEdits[]; findings: readonly Finding[] }> {
  const edits: FileEdit[] = []
  const findings: Finding[] = []
  const checks: (Required<FileEdits>['check'][number] & { path: string })[] = []
  for (const release of planned.releases) {
    const own =
      declared[release.component] ?? (await findVersionFiles(release.path, workspace, files))
    const found = await versionEdits(release, own, { workspace, read: files.read })
    edits.push(...found.edits)
    findings.push(...found.findings)
    checks.push(...found.files.map(({ path, file }) => ({ path, file, release })))
  }
  const ranges = await rangeEdits(workspace, planned, files)
  edits.push(...ranges.edits, ...(await lockEdits(workspace, edits, files)))
  const byPath = byFile(edits).map((one) => ({
    ...one,
    check: checks.filter(({ path }) => path === one.path),
  }))
  return { files: byPath, findings: [...findings, ...ranges.findings] }
}

/** Brings edits together by the file they are for. */
export function byFile(edits: readonly FileEdit[]): readonly FileEdits[] {
  const paths = [...new Set(edits.map(({ path }) => path))]
  return paths.map((path) => ({
    path,
    edits: edits.filter((edit) => edit.path === path).map(({ edit }) => edit),
  }))
}

/** The changesets a release uses up and the tree still holds, those that name nothing among them: applying it takes them away. */
export function consumedFiles(
  changesets: readonly Changeset[],
  counted: readonly Changeset[],
  releases: readonly PlannedRelease[],
): readonly FileEdits[] {
  if (releases.length === 0) return []
  return changesets
    .filter((one) => one.pending && (counted.includes(one) || one.releases.length === 0))
    .map(({ path }) => ({ path, edits: [], remove: true }))
}

/** Plans every file and makes sure that what was declared will hold the new version. @throws {ERR_VERSION_LAGS} {ERR_VERSION_CONFLICT} */
export async function planFiles(
  planned: readonly FileEdits[],
  files: FileTree,
): Promise<readonly PlannedFile[]> {
  const found = await Promise.all(
    planned.map(async ({ path, edits, remove, check = [] }) => {
      const before = await files.read(path)
      if (remove === true) return planRemoval(path, before)
      const file = planFile(path, before, edits)
      const after =
        file === undefined ? before : editBytes(before ?? new Uint8Array(), file.edits, path)
      for (const one of check) await assertFollowed(after!, path, one)
      return file
    }),
  )
  return found.filter((file) => file !== undefined).toSorted((a, b) => compareText(a.path, b.path))
}

async function assertFollowed(
  after: Uint8Array,
  path: string,
  { file, release }: Required<FileEdits>['check'][number],
): Promise<void> {
  const located = await locateVersions(after, { ...asVersionFile(file), path })
  const lagging = located.find(({ value }) => value.replace(/^v(?=\d)/, '') !== release.to)
  if (lagging === undefined) return
  throw new WaybillError(
    'ERR_VERSION_LAGS',
    `${path}: ${lagging.at} would be ${lagging.value} after the edit, expected ${release.to}`,
    {
      hint: 'The place holds more than a version, or two patterns overlap: name it more exactly.',
      details: { path, component: release.component },
    },
  )
}
