import { randomBytes } from 'node:crypto'
import {
  mkdir,
  open,
  readdir,
  rename,
  rm,
  rmdir,
  stat,
  writeFile,
  type FileHandle,
} from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { ByteStream } from '../../values/bytes.ts'
import { WaybillError } from '../../values/error.ts'
import { isRunning } from './process-id.ts'

export interface WriteOptions {
  /** @default 0o644 */
  readonly mode?: number
}

/**
 * Writes a file whole or not at all: beside its place first, synced, then renamed. Missing folders are made.
 * @throws {ERR_DISK_FULL} {ERR_NOT_WRITABLE} and leaves nothing behind, no folder either.
 */
export async function writeFileAtomic(
  path: string,
  content: Uint8Array | string | ByteStream,
  options: WriteOptions = {},
): Promise<void> {
  const mode = options.mode ?? 0o644
  const temporary = `${path}.${process.pid}.${randomBytes(4).toString('hex')}.tmp`
  let made: readonly string[] = []
  try {
    made = await makeFolder(dirname(path))
    await writeSynced(temporary, content, mode)
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {})
    await removeEmpty(made)
    throw asPlaceError(error, path)
  }
}

const TEMPORARY = /^(.+)\.(\d+)\.[0-9a-f]{8}\.tmp$/s

/** Removes what killed processes left beside a file that `writeFileAtomic` was to write; what another one is writing now stays. */
export async function removeTemporaries(path: string): Promise<void> {
  const folder = dirname(path)
  for (const entry of await readdir(folder).catch(() => [])) {
    const [, name, pid] = TEMPORARY.exec(entry) ?? []
    // In containers the next process often has the number of the one before.
    const gone = Number(pid) === process.pid || !isRunning(`${pid}-0`)
    if (name === basename(path) && gone) await rm(join(folder, entry), { force: true })
  }
}

// The innermost first; one that somebody else has put something into stays, and so do those above it.
async function removeEmpty(folders: readonly string[]): Promise<void> {
  for (const folder of folders.toReversed()) {
    const held = basename(folder) === OWN ? await readdir(folder).catch(() => []) : []
    if (held.length === 1 && held[0] === IGNORE) await rm(join(folder, IGNORE), { force: true })
    await rmdir(folder).catch(() => {})
  }
}

// What a run leaves there is for this machine alone, and refused where it was committed: git is told so from the start.
const OWN = '.waybill'
const IGNORE = '.gitignore'

async function ignored(folder: string): Promise<readonly string[]> {
  if (basename(folder) === OWN)
    await writeFile(join(folder, IGNORE), '*\n', { flag: 'wx' }).catch(() => {})
  return [folder]
}

/**
 * Makes a folder and those above it; one that is there is left as it is. Step by step, since Node's own recursive way never ends
 * where the file system denies the last step as if the one before were missing (`/proc/x`). Resolves to those it made, the outermost first.
 * A new `.waybill` gets a `.gitignore` that names everything in it.
 */
export async function makeFolder(path: string, mode?: number): Promise<readonly string[]> {
  const make = (): Promise<readonly string[]> =>
    mkdir(path, mode === undefined ? {} : { mode }).then(() => ignored(path), unlessFolder(path))
  try {
    return await make()
  } catch (error) {
    const parent = dirname(path)
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || parent === path) throw error
    return [...(await makeFolder(parent, mode)), ...(await make())]
  }
}

const unlessFolder =
  (path: string) =>
  async (error: NodeJS.ErrnoException): Promise<readonly string[]> => {
    if (error.code !== 'EEXIST' || !(await stat(path)).isDirectory()) throw error
    return []
  }

async function writeSynced(
  path: string,
  content: Uint8Array | string | ByteStream,
  mode: number,
): Promise<void> {
  const file = await openNew(path, mode)
  try {
    const whole = typeof content === 'string' || content instanceof Uint8Array
    for await (const chunk of whole ? [content] : content) await file.writeFile(chunk)
    await file.chmod(mode) // the umask must not decide what was asked for
    await file.sync()
  } finally {
    await file.close()
  }
}

// A write beside this one that failed may just have taken the folder away that it had made.
async function openNew(path: string, mode: number): Promise<FileHandle> {
  try {
    return await open(path, 'wx', mode)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    await makeFolder(dirname(path))
    return open(path, 'wx', mode)
  }
}

/** Whether the file system says that there is no room left, on the disk or for the user. */
export function isDiskFull(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException | null)?.code
  return code === 'ENOSPC' || code === 'EDQUOT'
}

/** Turns what the file system says into an error that says what to do; leaves any other error as it is. */
export function asFileError(error: unknown, path: string): unknown {
  if (isDiskFull(error)) {
    return new WaybillError('ERR_DISK_FULL', `No space left to write ${path}`, {
      hint: 'Free some space, or choose another folder, and run the same again: nothing was half-written.',
      details: { path },
      cause: error,
    })
  }
  const code = (error as NodeJS.ErrnoException | null)?.code
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS')
    return notWritable(`Not allowed to write ${path}`, path, error)
  return error
}

/** What the file system says where nobody else made an error of it: full disks, closed folders, missing files. Any other error is returned as it is. */
export function knownFileError(thrown: unknown): unknown {
  const { code, path = 'a file' } = (thrown ?? {}) as NodeJS.ErrnoException
  // Whoever writes says so; what comes here was to be read.
  if (code === 'EACCES' || code === 'EPERM') return notReadable(path, thrown)
  if (code === 'EISDIR') return notAFile(thrown)
  if (code !== 'ENOENT' && code !== 'ENOTDIR') return asFileError(thrown, path)
  return new WaybillError('ERR_FILE_MISSING', `${path} does not exist`, {
    outcome: 'usage',
    hint: 'Check the path.',
    cause: thrown,
  })
}

// Whoever reads a folder as a file is not told its path.
const notAFile = (cause: unknown): WaybillError =>
  new WaybillError('ERR_NOT_A_FILE', 'A folder was given where a file is expected', {
    outcome: 'usage',
    cause,
  })

function notReadable(path: string, cause: unknown): WaybillError {
  return new WaybillError('ERR_NOT_READABLE', `Not allowed to read ${path}`, {
    hint: 'Check its rights, and those of the folders above it.',
    details: { path },
    cause,
  })
}

const IN_THE_WAY: Readonly<Record<string, string>> = {
  ENOTDIR: 'a part of its path is a file, not a folder',
  EEXIST: 'a part of its path is a file, not a folder',
  EISDIR: 'a folder is in its place',
  ENOENT: 'no folder can be made there',
}

// What is written may come from a file that is not there: that says nothing of the place it goes to.
function asPlaceError(error: unknown, path: string): unknown {
  const { code = '', path: at } = error as NodeJS.ErrnoException
  const isPlace = at !== undefined && (path.startsWith(at) || at.startsWith(path))
  if (!isPlace || IN_THE_WAY[code] === undefined) return asFileError(error, path)
  return notWritable(`${path} cannot be written: ${IN_THE_WAY[code]}`, path, error)
}

function notWritable(message: string, path: string, cause: unknown): WaybillError {
  return new WaybillError('ERR_NOT_WRITABLE', message, {
    hint: 'Choose a folder this user may write to.',
    details: { path },
    cause,
  })
}
