import { randomBytes } from 'node:crypto'
import { constants, createReadStream } from 'node:fs'
import { access, copyFile, link, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { makeFolder, asFileError, WaybillError } from '@waybill/core'
import type { ByteRange, Staged, Storage } from './storage.ts'

const STAGING = '_uploads'

/**
 * Keeps everything in a folder. A value is staged, synced and renamed into place, so a process that is killed at any
 * moment leaves every value whole; what it had staged is swept away by the next one.
 * @throws {ERR_NOT_WRITABLE}
 */
export async function diskStorage(root: string): Promise<Storage> {
  await prepare(root)
  const at = (key: string): string => join(root, key)
  return {
    size: (key) => sizeOf(at(key)),
    read: (key, range) => readFile(at(key), range),
    async write(key, bytes) {
      const staged = await stage(root)
      await staged.append([Buffer.from(bytes)])
      await staged.commit(key)
    },
    remove: (key) => absentIs(false, async () => (await rm(at(key)), true)),
    list: (key) => absentIs([], async () => filesIn(at(key))),
    link: (from, to) => linkInto(root, at(from), at(to)),
    stage: () => stage(root),
  }
}

async function prepare(root: string): Promise<void> {
  try {
    await makeFolder(join(root, STAGING))
    const left = (await readdir(join(root, STAGING))).filter(isAbandoned)
    await Promise.all(left.map((name) => rm(join(root, STAGING, name), { force: true })))
    await access(join(root, STAGING), constants.W_OK) // starting alone leaves no mark on the folder
  } catch (error) {
    const known = asFileError(error, root)
    if (known instanceof WaybillError) throw known
    throw new WaybillError('ERR_NOT_WRITABLE', `The root ${root} cannot be used as a folder`, {
      hint: 'Name a folder that exists or can be made, and that this user may write to.',
      outcome: 'usage',
      details: { root },
      cause: error,
    })
  }
}

// Staged files begin with their process's id; two registries may share a root without sweeping each other's.
function isAbandoned(name: string): boolean {
  const pid = Number.parseInt(name, 10)
  if (!(pid > 0) || pid === process.pid) return true
  try {
    return !process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH'
  }
}

async function stage(root: string): Promise<Staged> {
  const path = join(root, STAGING, `${process.pid}.${randomBytes(8).toString('hex')}`)
  let size = 0
  await (await open(path, 'wx')).close()
  return {
    get size() {
      return size
    },
    append: (chunks) => appendTo(path, chunks, (written) => (size += written)),
    read: () => readFile(path),
    commit: (key) => commit(path, join(root, key)),
    discard: () => rm(path, { force: true }),
  }
}

async function appendTo(
  path: string,
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  count: (bytes: number) => void,
): Promise<void> {
  const file = await open(path, 'a')
  try {
    for await (const chunk of chunks) {
      await file.appendFile(chunk)
      count(chunk.byteLength)
    }
  } catch (error) {
    throw asFileError(error, path)
  } finally {
    await file.close()
  }
}

async function commit(path: string, to: string): Promise<void> {
  try {
    await sync(path)
    await makeFolder(dirname(to))
    await rename(path, to)
    await sync(dirname(to))
  } catch (error) {
    await rm(path, { force: true })
    throw asFileError(error, to)
  }
}

async function sync(path: string): Promise<void> {
  const file = await open(path, 'r')
  try {
    await file.sync()
  } finally {
    await file.close()
  }
}

// A hard link shares the bytes and goes with its own name; where the file system has none, a copy is as good.
async function linkInto(root: string, from: string, to: string): Promise<boolean> {
  if ((await sizeOf(from)) === undefined) return false
  if ((await sizeOf(to)) !== undefined) return true
  await makeFolder(dirname(to))
  try {
    await link(from, to)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return true
    const path = join(root, STAGING, `${process.pid}.${randomBytes(8).toString('hex')}`)
    await copyFile(from, path)
    await commit(path, to)
  }
  return true
}

async function* readFile(path: string, range?: ByteRange): AsyncGenerator<Uint8Array> {
  yield* createReadStream(path, { ...range, highWaterMark: 256 * 1024 })
}

function sizeOf(path: string): Promise<number | undefined> {
  return absentIs(undefined, async () => {
    const found = await stat(path)
    return found.isFile() ? found.size : undefined
  })
}

async function filesIn(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true })
  return entries.flatMap((entry) => (entry.isFile() ? [entry.name] : [])).toSorted()
}

async function absentIs<Value>(absent: Value, work: () => Promise<Value>): Promise<Value> {
  try {
    return await work()
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return absent
    throw error
  }
}
