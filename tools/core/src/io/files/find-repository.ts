import { stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/** The folder that holds `.git`, from `cwd` upwards; undefined where there is none. */
export async function findRepository(cwd: string): Promise<string | undefined> {
  for (let folder = cwd; ; folder = dirname(folder)) {
    const found = await stat(join(folder, '.git')).catch(() => undefined)
    if (found !== undefined) return folder
    if (dirname(folder) === folder) return undefined
  }
}

/** The folder that holds `.git`, from `cwd` upwards; `cwd` itself where there is none. */
export async function findRoot(cwd: string): Promise<string> {
  return (await findRepository(cwd)) ?? cwd
}
