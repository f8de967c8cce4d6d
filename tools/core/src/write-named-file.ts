import { realpath, stat, writeFile } from 'node:fs/promises'
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
    return writeFileAtomic(await realpath(path).catch(() => path), content, options)
  await writeFile(path, content).catch((error: unknown) => {
    throw asFileError(error, path)
  })
}
