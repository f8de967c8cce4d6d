import { basename } from 'node:path/posix'
import { isWaybillError, WaybillError, type Finding } from '@waybill/core'
import { asVersionFile, locateVersions, type LocatedVersion } from '../locate/version-file.ts'
import type { PlannedEdit, PlannedRelease, VersionFile } from '../types.ts'
import { joinPath, type ReadBytes } from '../workspace-files.ts'
import { noteUnreadable, type FileTree } from '../workspace/file-tree.ts'
import type { Workspace } from '../workspace/types.ts'

/** An edit and the file it belongs to. */
export interface FileEdit {
  readonly path: string
  readonly edit: PlannedEdit
}

const KNOWN = [
  'package.json',
  'deno.json',
  'jsr.json',
  'Cargo.toml',
  'pyproject.toml',
  'Chart.yaml',
  'version',
  'VERSION',
  'version.txt',
]

/** The files of a folder that carry a version by their name, for a component that declares none. */
export async function findVersionFiles(
  folder: string,
  workspace: Workspace,
  files: FileTree,
): Promise<readonly VersionFile[]> {
  const found = await Promise.all(
    KNOWN.map(async (name) => {
      const path = joinPath(folder, name)
      const bytes = await files.read(path)
      if (bytes === undefined) return undefined
      if (inherited(path, workspace) !== undefined) return name
      const holds = await holdsVersion(bytes, path).catch(noteUnreadable(files, path))
      return holds === true ? name : undefined
    }),
  )
  return found.filter((name) => name !== undefined)
}

// A manifest may do without a version.
async function holdsVersion(bytes: Uint8Array, path: string): Promise<boolean> {
  try {
    return (await locateVersions(bytes, { path })).length > 0
  } catch (error) {
    if (isWaybillError(error, 'ERR_VERSION_NOT_FOUND')) return false
    throw error
  }
}

export interface VersionEdits {
  readonly edits: readonly FileEdit[]
  readonly findings: readonly Finding[]
  /** The files that were looked at, by their path from the root. */
  readonly files: readonly { readonly path: string; readonly file: VersionFile }[]
}

interface Repository {
  readonly workspace: Workspace
  readonly read: ReadBytes
}

/** The edits that bring a release's version into the files that carry it; a value that was behind is a finding. */
export async function versionEdits(
  release: Pick<PlannedRelease, 'component' | 'path' | 'from' | 'to'>,
  files: readonly VersionFile[],
  repository: Repository,
): Promise<VersionEdits> {
  const all = await Promise.all(files.map((file) => editsOfFile(release, file, repository)))
  return {
    edits: all.flatMap(({ edits }) => edits),
    findings: all.flatMap(({ findings }) => findings),
    files: all.flatMap((one) => one.files),
  }
}

async function editsOfFile(
  release: Pick<PlannedRelease, 'component' | 'path' | 'from' | 'to'>,
  declared: VersionFile,
  { workspace, read }: Repository,
): Promise<VersionEdits> {
  const { path, file } = resolveFile(release.path, asVersionFile(declared), workspace)
  const bytes = (await read(path)) ?? missing(path, release)
  const located = await locateVersions(bytes, { ...file, path })
  return {
    edits: located.map((version) => ({ path, edit: editOf(version, release.to) })),
    findings: located.flatMap((version) => behind(version, path, release)),
    files: [{ path, file }],
  }
}

/** Where a declared file's version really stands: a crate may inherit it from its workspace. @throws {ERR_OUTSIDE_REPOSITORY} */
export function resolveFile(
  folder: string,
  file: Exclude<VersionFile, string>,
  workspace: Workspace,
): { readonly path: string; readonly file: Exclude<VersionFile, string> } {
  const path = joinPath(folder, file.path)
  const root = inherited(path, workspace)
  if (root === undefined || file.keys !== undefined || file.pattern !== undefined)
    return { path, file }
  return { path: root, file: { path: `/${root}`, keys: ['workspace.package.version'] } }
}

const inherited = (manifest: string, workspace: Workspace): string | undefined =>
  workspace.packages.find((one) => one.manifest === manifest)?.inheritsFrom ?? undefined

// A `v` before the version stays, as people write `appVersion: v1.2.3`.
function editOf({ at, offset, value }: LocatedVersion, to: string): PlannedEdit {
  const prefix = /^v(?=\d)/.exec(value)?.[0] ?? ''
  return { at, offset, from: value, to: prefix + to }
}

function behind(
  version: LocatedVersion,
  path: string,
  release: Pick<PlannedRelease, 'component' | 'from' | 'to'>,
): Finding[] {
  const found = version.value.replace(/^v(?=\d)/, '')
  if (release.from === null || found === release.from || found === release.to) return []
  return [
    {
      code: 'version-file-behind',
      level: 'warning',
      message: `${path}: ${version.at} is ${found}, but ${release.component} was last released as ${release.from}`,
      suggestion: `It will be set to ${release.to}; find out why it was not kept up.`,
      where: { path },
    },
  ]
}

function missing(path: string, release: Pick<PlannedRelease, 'component' | 'path'>): never {
  throw new WaybillError(
    'ERR_VERSION_FILE_MISSING',
    `${path}: this file is to carry the version of ${release.component}, but it does not exist`,
    {
      hint: `Write the path relative to "${release.path}" (or from the root with a leading /), or take ${basename(path)} out of versionFiles.`,
      details: { path, component: release.component },
    },
  )
}
