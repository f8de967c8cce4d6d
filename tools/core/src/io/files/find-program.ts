import { constants } from 'node:fs'
import { access, realpath, stat } from 'node:fs/promises'
import { delimiter, isAbsolute, join, relative, sep } from 'node:path'

type Environment = Readonly<Record<string, string | undefined>>

/** Whether a path is `folder` or lies below it, by name; both absolute. */
export function isBelow(folder: string, path: string): boolean {
  const steps = relative(folder, path)
  return steps !== '..' && !steps.startsWith(`..${sep}`) && !isAbsolute(steps)
}

/**
 * The folders of PATH that cannot lead into `root`: absolute, and not below it, by name or through a link. An empty entry and `.` mean the
 * folder a program is run in, which may be the repository.
 */
export async function foldersOutside(root: string, env: Environment): Promise<readonly string[]> {
  const roots = [root, await realOf(root)]
  const folders = (env['PATH'] ?? process.env['PATH'] ?? '').split(delimiter)
  const outside = await Promise.all(folders.map((folder) => isOutside(folder, roots)))
  return folders.filter((_folder, at) => outside[at])
}

/** Finds a program by its name in these folders, unless it is a link into `root`; undefined where there is none. */
export async function findOutside(
  name: string,
  root: string,
  folders: readonly string[],
): Promise<string | undefined> {
  const roots = [root, await realOf(root)]
  for (const folder of folders) {
    for (const ending of process.platform === 'win32' ? ['.exe', '.cmd', ''] : ['']) {
      const file = join(folder, name + ending)
      if ((await isProgram(file)) && (await isOutside(file, roots))) return file
    }
  }
  return undefined
}

async function isOutside(path: string, roots: readonly string[]): Promise<boolean> {
  if (!isAbsolute(path)) return false
  const real = await realOf(path)
  return !roots.some((root) => isBelow(root, path) || isBelow(root, real))
}

const realOf = (path: string): Promise<string> => realpath(path).catch(() => path)

/** Whether a file is there and may be run. */
export async function isProgram(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK)
    return (await stat(file)).isFile()
  } catch {
    return false
  }
}
