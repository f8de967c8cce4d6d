import { createContext, type ContextOptions, type Decision, type Finding } from '@waybill/core'
import type { PlannedRelease, VersionFile, VersionPlan } from '../types.ts'
import { fileReader, findRoot, type ReadBytes } from '../workspace-files.ts'
import { planFile } from './edits.ts'
import { releaseOf } from './release-of.ts'
import { findVersionFiles, versionEdits, type FileEdit } from './version-edits.ts'

export interface PlanVersionsOptions extends ContextOptions {
  /**
   * The files that carry each component's version, by the component's name.
   * @default what its folder holds of package.json, Cargo.toml, pyproject.toml, Chart.yaml, `version` and `VERSION`
   */
  readonly versionFiles?: Readonly<Record<string, readonly VersionFile[] | undefined>>
}

/**
 * Plans the next version of every component that is due and the edits its files need. Reads the repository, writes nothing.
 * @throws {ERR_VERSION_NOT_FOUND} {ERR_VERSION_FILE_MISSING} for a declared file that is not there or holds no version;
 * {ERR_VERSION_CONFLICT} where two components want different versions in one place.
 */
export async function planVersions(
  decisions: readonly Decision[],
  options: PlanVersionsOptions = {},
): Promise<VersionPlan> {
  const context = createContext(options)
  const read = fileReader(await findRoot(context.cwd))
  const releases = decisions.flatMap(releaseOf)
  const findings: Finding[] = []
  const edits: FileEdit[] = []
  for (const release of releases) {
    const declared = options.versionFiles?.[release.component]
    const found = await editsOf(release, declared, read)
    edits.push(...found.edits)
    findings.push(...found.findings)
  }
  return { schemaVersion: 1, releases, files: await planFiles(edits, read), findings }
}

async function editsOf(
  release: PlannedRelease,
  declared: readonly VersionFile[] | undefined,
  read: ReadBytes,
): Promise<{ edits: readonly FileEdit[]; findings: readonly Finding[] }> {
  const files = declared ?? (await findVersionFiles(release.path, read))
  return versionEdits(release, files, read)
}

async function planFiles(
  edits: readonly FileEdit[],
  read: ReadBytes,
): Promise<VersionPlan['files']> {
  const paths = [...new Set(edits.map(({ path }) => path))].toSorted()
  const files = await Promise.all(
    paths.map(async (path) => {
      const own = edits.filter((edit) => edit.path === path)
      return planFile(
        path,
        await read(path),
        own.map(({ edit }) => edit),
      )
    }),
  )
  return files.filter((file) => file !== undefined)
}
