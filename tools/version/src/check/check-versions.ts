import {
  createContext,
  createReport,
  isWaybillError,
  messageOf,
  type Context,
  type ContextOptions,
  type Finding,
  type Release,
  type Report,
} from '@waybill/core'
import { readThroughJournal } from '../apply/journal.ts'
import { asVersionFile, locateVersions } from '../locate/version-file.ts'
import { findVersionFiles, resolveFile } from '../plan/version-edits.ts'
import type { VersionFile } from '../types.ts'
import { findRoot } from '../workspace-files.ts'
import { openFiles } from '../workspace/file-tree.ts'
import { workspaceOf } from '../workspace/read-workspace.ts'
import { checkBinary, type BinaryToAsk } from './check-binary.ts'
import { checkTag } from './check-tag.ts'

/** One place that says a version. `found` is null where there is none. */
export interface VersionCheck {
  readonly component: string
  readonly kind: 'file' | 'tag' | 'binary'
  /** `Cargo.toml package.version`, the tag's name, the binary's path. */
  readonly where: string
  readonly expected: string
  readonly found: string | null
}

/** A check and, where it fails, what to know about it. */
export interface Checked {
  readonly check: VersionCheck
  readonly finding?: Finding
}

export interface CheckVersionsOptions extends ContextOptions {
  /** As for `planVersions`. */
  readonly versionFiles?: Readonly<Record<string, readonly VersionFile[] | undefined>> | undefined
  /** Programs that must say the version when called with `--version`, or with `args`. They must run on this machine. */
  readonly binaries?: readonly BinaryToAsk[] | undefined
}

/**
 * Checks that a release's tag, every file that carries its version and what its binaries say agree. The tag need not stand yet;
 * where it does, it must name the release's commit.
 */
export async function checkVersions(
  release: Pick<Release, 'component' | 'path' | 'version' | 'tag' | 'commit'>,
  options: CheckVersionsOptions = {},
): Promise<Report<VersionCheck>> {
  const context = createContext(options)
  const root = await findRoot(context.cwd)
  const checked = [
    await checkTag(release, root, context),
    ...(await checkFiles(release, root, options)),
    ...(await checkBinaries(release, options.binaries ?? [], context)),
  ]
  return createReport(
    checked.map(({ check }) => check),
    checked.flatMap(({ finding }) => finding ?? []),
  )
}

async function checkFiles(
  release: Pick<Release, 'component' | 'path' | 'version'>,
  root: string,
  options: CheckVersionsOptions,
): Promise<readonly Checked[]> {
  const files = openFiles(root, await readThroughJournal(root))
  const workspace = await workspaceOf(files, [release.path])
  const declared =
    options.versionFiles?.[release.component] ??
    (await findVersionFiles(release.path, workspace, files.read))
  const all = await Promise.all(
    declared.map(async (entry) => {
      const { path, file } = resolveFile(release.path, asVersionFile(entry), workspace)
      const bytes = await files.read(path)
      if (bytes === undefined) return [absent(release, path, `${path} does not exist`)]
      try {
        const located = await locateVersions(bytes, { ...file, path })
        return located.map(({ at, value }) => compare(release, `${path} ${at}`, value, path))
      } catch (error) {
        if (!isWaybillError(error)) throw error
        return [absent(release, path, messageOf(error))]
      }
    }),
  )
  return all.flat()
}

type Wanted = Pick<Release, 'component' | 'version'>

function compare(
  { component, version }: Wanted,
  where: string,
  value: string,
  path: string,
): Checked {
  const found = value.replace(/^v(?=\d)/, '')
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

function absent({ component, version }: Wanted, path: string, message: string): Checked {
  return {
    check: { component, kind: 'file', where: path, expected: version, found: null },
    finding: {
      code: 'version-missing',
      level: 'error',
      message,
      suggestion: 'Mend the path, keys or pattern in versionFiles, or take the file out of it.',
      where: { path },
    },
  }
}

async function checkBinaries(
  release: Wanted,
  binaries: readonly BinaryToAsk[],
  context: Context,
): Promise<readonly Checked[]> {
  const found: Checked[] = []
  for (const binary of binaries) found.push(await checkBinary(release, binary, context))
  return found
}
