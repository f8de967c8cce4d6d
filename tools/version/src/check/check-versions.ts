import {
  createContext,
  createReport,
  type Context,
  type ContextOptions,
  type Finding,
  type Release,
  type Report,
  findRoot,
} from '@waybill/core'
import type { VersionFile } from '../types.ts'
import { checkBinary, type BinaryToAsk } from './check-binary.ts'
import { checkFiles } from './check-files.ts'
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
 * Checks that a release's tag, every file that carries its version, their lock files and what its binaries say agree. The tag need not stand yet;
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
    ...(await checkFiles(release, root, options.versionFiles?.[release.component])),
    ...(await checkBinaries(release, options.binaries ?? [], context)),
  ]
  return createReport(
    checked.map(({ check }) => check),
    checked.flatMap(({ finding }) => finding ?? []),
  )
}

async function checkBinaries(
  release: Pick<Release, 'component' | 'version'>,
  binaries: readonly BinaryToAsk[],
  context: Context,
): Promise<readonly Checked[]> {
  const found: Checked[] = []
  for (const binary of binaries) found.push(await checkBinary(release, binary, context))
  return found
}
