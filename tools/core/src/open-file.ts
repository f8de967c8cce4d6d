import { constants, type Stats } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'
import { WaybillError } from './error.ts'

// A pipe without a writer would be waited for, and not even a signal would end that; this way it is opened, and found to be one.
const FLAGS = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)

/**
 * Opens a regular file to be read. Whoever opens it closes it.
 * @throws {ERR_NOT_A_FILE} for a folder, a pipe or a device; what the file system says of a file that cannot be opened.
 */
export async function openFile(path: string): Promise<FileHandle> {
  const file = await open(path, FLAGS)
  const stats = await file.stat()
  if (stats.isFile()) return file
  await file.close()
  throw notAFile(path, stats)
}

/** Reads a regular file whole. @throws what `openFile` throws. */
export async function readFileWhole(path: string): Promise<Buffer> {
  const file = await openFile(path)
  try {
    return await file.readFile()
  } finally {
    await file.close()
  }
}

function notAFile(path: string, stats: Stats): WaybillError {
  const found = stats.isDirectory() ? 'a folder' : stats.isFIFO() ? 'a pipe' : 'a device'
  return new WaybillError('ERR_NOT_A_FILE', `${path}: expected a file, found ${found}`, {
    details: { path },
  })
}
