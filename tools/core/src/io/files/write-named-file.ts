import { readlink, realpath, stat, writeFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { asFileError, writeFileAtomic, type WriteOptions } from './files.ts'

/**
 * Writes a file that somebody named, as `writeFileAtomic` does, but where the name leads: a link stays a link, and a pipe or device (`/dev/stdout`) is
 * written to, not replaced.
 * @throws {ERR_DISK_FULL} {ERR_NOT_WRITABLE}
 */
export async function writeNamedFile(
  path: string,
  content: Uint8Array | string,
  options: WriteOptions = {},
): Promise<void> {
  const found = await stat(path).catch(() => undefined)
  if (found === undefined || found.isFile() || found.isDirectory())
    return writeFileAtomic(await whereItLeads(path), content, options)
  await writeFile(path, content).catch((error: unknown) => {
    throw asFileError(error, path)
  })
}

const MAX_LINKS = 40

/** Where a path leads, also to what is not there yet; the path itself where its links lead in a circle. */
export async function whereItLeads(path: string): Promise<string> {
  let at = path
  for (let links = 0; links < MAX_LINKS; links++) {
    const whole = await realpath(at).catch(() => undefined)
    if (whole !== undefined) return whole
    const next = await readlink(at).catch(() => undefined)
    if (next === undefined) return at
    at = resolve(dirname(at), next)
  }
  return path
}
