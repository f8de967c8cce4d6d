import {
  createContext,
  createReport,
  type Context,
  type Release,
  type Report,
  findRoot,
} from '@waybill/core'
import { checkBinary } from './check-binary.ts'
import { checkFiles } from './check-files.ts'
import { checkTag } from './check-tag.ts'
import type { VersionCheck, Checked, CheckVersionsOptions, BinaryToAsk } from './types.ts'

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
