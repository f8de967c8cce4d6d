import { access, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { WaybillError, type Release } from '@waybill/core'
import type { Source } from './toolchain.ts'

/**
 * Finds a release's sources: its path in the repository that holds `cwd`, or in `cwd` where no folder above is a repository.
 * @throws {ERR_NO_SOURCES}
 */
export async function findSource(release: Release, cwd: string): Promise<Source> {
  const root = await repositoryRoot(cwd)
  const folder = resolve(root, release.path)
  const stats = await stat(folder).catch(() => undefined)
  if (stats?.isDirectory() === true) return { root, folder }
  throw new WaybillError(
    'ERR_NO_SOURCES',
    `The folder of ${release.component}, ${release.path}, is not there`,
    { hint: `Check the component's path; it is relative to ${root}.`, details: { root, folder } },
  )
}

async function repositoryRoot(cwd: string): Promise<string> {
  for (let folder = cwd; ; folder = dirname(folder)) {
    if (await exists(join(folder, '.git'))) return folder
    if (folder === dirname(folder)) return cwd
  }
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )
