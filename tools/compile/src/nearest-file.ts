import { access } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { BuildSource } from './toolchain.ts'

/** The folder nearest above a component, itself included and the repository's root at the farthest, that holds a file of that name. */
export async function nearestFolderWith(
  name: string,
  { root, folder }: BuildSource,
): Promise<string | undefined> {
  for (let at = folder; ; at = dirname(at)) {
    const found = await access(join(at, name)).then(
      () => true,
      () => false,
    )
    if (found) return at
    if (at === root || at === dirname(at)) return undefined
  }
}
