import { basename } from 'node:path/posix'
import { WaybillError, type Finding } from '@waybill/core'
import { asVersionFile, locateVersions, type LocatedVersion } from '../locate/version-file.ts'
import type { PlannedEdit, PlannedRelease, VersionFile } from '../types.ts'
import { joinPath, type ReadBytes } from '../workspace-files.ts'

/** An edit and the file it belongs to. */
export interface FileEdit {
  readonly path: string
  readonly edit: PlannedEdit
}

const KNOWN = [
  'package.json',
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
  read: ReadBytes,
): Promise<readonly VersionFile[]> {
  const found = await Promise.all(
    KNOWN.map(async (name) => {
      const bytes = await read(joinPath(folder, name))
      if (bytes === undefined) return undefined
      const path = joinPath(folder, name)
      const located = await locateVersions(bytes, { path }).catch(() => undefined)
      return located === undefined ? undefined : name
    }),
  )
  return found.filter((name) => name !== undefined)
}

/** The edits that bring a release's version into the files that carry it; a value that was behind is a finding. */
export async function versionEdits(
  release: PlannedRelease,
  files: readonly VersionFile[],
  read: ReadBytes,
): Promise<{ edits: readonly FileEdit[]; findings: readonly Finding[] }> {
  const edits: FileEdit[] = []
  const findings: Finding[] = []
  for (const file of files.map(asVersionFile)) {
    const path = joinPath(release.path, file.path)
    const bytes = (await read(path)) ?? missing(path, release)
    const located = await locateVersions(bytes, { ...file, path })
    edits.push(...located.map((version) => ({ path, edit: editOf(version, release.to) })))
    findings.push(...located.flatMap((version) => behind(version, path, release)))
  }
  return { edits, findings }
}

// A `v` before the version stays, as people write `appVersion: v1.2.3`.
function editOf({ at, offset, value }: LocatedVersion, to: string): PlannedEdit {
  const prefix = /^v(?=\d)/.exec(value)?.[0] ?? ''
  return { at, offset, from: value, to: prefix + to }
}

function behind(version: LocatedVersion, path: string, release: PlannedRelease): Finding[] {
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

function missing(path: string, release: PlannedRelease): never {
  throw new WaybillError(
    'ERR_VERSION_FILE_MISSING',
    `${path}: this file is to carry the version of ${release.component}, but it does not exist`,
    {
      hint: `Write the path relative to "${release.path}" (or from the root with a leading /), or take ${basename(path)} out of versionFiles.`,
      details: { path, component: release.component },
    },
  )
}
