import { constants, createReadStream, type Stats } from 'node:fs'
import { open, stat, type FileHandle } from 'node:fs/promises'
import { collect } from '../../values/bytes.ts'
import { WaybillError } from '../../values/error.ts'

// A pipe without a writer would be waited for, and not even a signal would end that; this way it is opened, and found to be one.
const FLAGS = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)

/**
 * Opens a regular file to be read. Whoever opens it closes it.
 * @throws {ERR_NOT_A_FILE} for a folder, a pipe or a device; what the file system says of a file that cannot be opened.
 */
export async function openFile(path: string): Promise<FileHandle> {
  const file = await open(path, FLAGS).catch(async (error: NodeJS.ErrnoException) => {
    // What the file system says of a socket, open(2).
    if (error.code === 'ENXIO') throw notAFile(path, await stat(path))
    throw error
  })
  const stats = await file.stat()
  if (stats.isFile()) return file
  await file.close()
  throw notAFile(path, stats)
}

export interface ReadWholeOptions {
  /** The most bytes it may have. @default no limit */
  readonly limit?: number
}

/** Reads a regular file whole. @throws {ERR_TOO_LARGE}, and what `openFile` throws. */
export async function readFileWhole(
  path: string,
  { limit = Number.POSITIVE_INFINITY }: ReadWholeOptions = {},
): Promise<Buffer> {
  const file = await openFile(path)
  try {
    const { size } = await file.stat()
    if (size > limit) throw tooLarge(path, size, limit)
    return await file.readFile()
  } finally {
    await file.close()
  }
}

function tooLarge(path: string, found: number, limit: number): WaybillError {
  return new WaybillError(
    'ERR_TOO_LARGE',
    `${path}: expected at most ${limit} bytes, found ${found}`,
    {
      hint: 'No file of this kind is that large; check what it holds.',
      details: { path, limit, found },
    },
  )
}

/** Reads a file whole that may be a pipe as well (`--plan <(…)`), `limit` bytes at most. @throws {ERR_TOO_LARGE}, and what the file system says. */
export function readFileUpTo(path: string, limit: number): Promise<Uint8Array> {
  return collect(createReadStream(path) as AsyncIterable<Uint8Array>, limit, path)
}

/** The error for what is no regular file. */
export function notAFile(path: string, stats: Stats): WaybillError {
  const found = stats.isDirectory()
    ? 'a folder'
    : stats.isFIFO()
      ? 'a pipe'
      : stats.isSocket()
        ? 'a socket'
        : 'a device'
  return new WaybillError('ERR_NOT_A_FILE', `${path}: expected a file, found ${found}`, {
    details: { path },
  })
}
