import { constants, type Stats } from 'node:fs'
import { lstat, open, stat, type FileHandle } from 'node:fs/promises'
import type { ByteStream } from '../../values/bytes.ts'
import { WaybillError } from '../../values/error.ts'
import { notAFile } from './open-file.ts'

/** Finds where a path really leads, or throws: `insideRepository` or `insideFolder` of one folder. */
export type Lead = (folder: string, path: string) => Promise<string>

const { O_RDONLY, O_NONBLOCK = 0, O_NOFOLLOW = 0 } = constants

/**
 * Opens a regular file to be read, where `lead` allows it. What was opened is looked for again afterwards, so that a link put in its place meanwhile
 * leads nowhere. Whoever opens it closes it.
 * @throws {ERR_FILE_MISSING} {ERR_NOT_A_FILE} for a folder, pipe, socket or device, and what `lead` throws.
 */
export async function openInside(lead: Lead, folder: string, path: string): Promise<FileHandle> {
  const place = await lead(folder, path)
  try {
    const before = await stat(place)
    if (!before.isFile()) throw notAFile(path, before)
    const file = await open(place, O_RDONLY | O_NONBLOCK | O_NOFOLLOW)
    if (await isSame(await file.stat(), lead, folder, path)) return file
    await file.close()
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') throw missing(path, error)
    if (code !== 'ELOOP') throw error
  }
  throw new WaybillError('ERR_NOT_A_FILE', `${path} was replaced while it was opened`, {
    hint: 'Let nothing else write to the folder, and run the command again.',
    details: { path },
  })
}

async function isSame(opened: Stats, lead: Lead, folder: string, path: string): Promise<boolean> {
  const now = await lstat(await lead(folder, path))
  return now.isFile() && now.dev === opened.dev && now.ino === opened.ino
}

/** Reads a file whole. @throws what `openInside` throws. */
export async function readInside(lead: Lead, folder: string, path: string): Promise<Buffer> {
  const file = await openInside(lead, folder, path)
  try {
    return await file.readFile()
  } finally {
    await file.close()
  }
}

/** Reads a file in pieces; it is opened when the first is asked for. @throws what `openInside` throws. */
export async function* streamInside(lead: Lead, folder: string, path: string): ByteStream {
  const file = await openInside(lead, folder, path)
  yield* file.createReadStream({ highWaterMark: 128 * 1024 }) as AsyncIterable<Uint8Array>
}

function missing(path: string, cause: unknown): WaybillError {
  return new WaybillError('ERR_FILE_MISSING', `${path} does not exist`, {
    outcome: 'usage',
    hint: 'Check the path.',
    details: { path },
    cause,
  })
}
