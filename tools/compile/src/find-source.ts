import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { WaybillError, findRoot, insideRepository, type Release } from '@waybill/core'
import type { BuildSource } from './toolchain.ts'

/**
 * Finds a release's sources: its path in the repository that holds `cwd`, or in `cwd` where no folder above is a repository.
 * @throws {ERR_NO_SOURCES} {ERR_OUTSIDE_REPOSITORY}
 */
export async function findSource(release: Release, cwd: string): Promise<BuildSource> {
  const root = await findRoot(cwd)
  await insideRepository(root, release.path)
  const folder = resolve(root, release.path)
  const stats = await stat(folder).catch(() => undefined)
  if (stats?.isDirectory() === true) return { root, folder }
  throw new WaybillError(
    'ERR_NO_SOURCES',
    `The folder of ${release.component}, ${release.path}, is not there`,
    { hint: `Check the component's path; it is relative to ${root}.`, details: { root, folder } },
  )
}
