import { readdir, stat } from 'node:fs/promises'
import { basename, dirname, join, posix, resolve } from 'node:path'
import {
  WaybillError,
  compareText,
  createContext,
  formatPlatform,
  isWaybillError,
  mapLimit,
  type Artifact,
  type ContextOptions,
  type Platform,
} from '@waybill/core'
import { readChecksums } from './read-checksums.ts'
import { hashFile, withBytes, type ByteBudget } from '../known-bytes.ts'
import { peekPlatforms, readStart } from '../peek-platform.ts'
import { packedFormat } from './packed-format.ts'

const CHECKSUMS = 'SHA256SUMS'
const DEEPEST = 4

export interface FoundArtifacts {
  /** Absolute; the artifacts' paths are relative to it. Pass it as `out` to whatever reads them. */
  readonly folder: string
  readonly artifacts: readonly Artifact[]
}

/**
 * Finds the released files of a folder (archives, executables, SHA256SUMS), or those that a SHA256SUMS file lists, by what they hold.
 * Image layouts (also one written beside the files), links and hidden files are passed over.
 * @throws {ERR_FILE_MISSING} {ERR_INVALID_CHECKSUMS}
 */
export async function findArtifacts(
  path: string,
  options: ContextOptions = {},
): Promise<FoundArtifacts> {
  const { cwd, jobs, signal } = createContext(options)
  const place = resolve(cwd, path)
  const found = await stat(place).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'EACCES') throw error
    throw new WaybillError('ERR_FILE_MISSING', `The released files ${place} cannot be read`, {
      hint: 'Name the folder they lie in, or its SHA256SUMS.',
      outcome: 'usage',
      cause: error,
    })
  })
  const folder = found.isDirectory() ? place : dirname(place)
  const paths = found.isDirectory() ? await walk(folder, '', 0) : await listed(place)
  const room = { bytes: ROOM, each: ROOM }
  const artifacts = await mapLimit(paths.toSorted(compareText), jobs, (path) =>
    readArtifact(folder, path, {
      room,
      sums: found.isFile() ? basename(place) : CHECKSUMS,
      signal,
    }),
  )
  return { folder, artifacts: artifacts.filter((artifact) => artifact !== undefined) }
}

async function listed(file: string): Promise<string[]> {
  const lines = await readChecksums(file, file)
  for (const { name } of lines) {
    const clean = posix.normalize(name)
    if (posix.isAbsolute(clean) || clean.startsWith('../') || name.includes('\\'))
      throw new WaybillError('ERR_INVALID_CHECKSUMS', `${file}: "${name}" leads out of its folder`)
  }
  return [...new Set([basename(file), ...lines.map(({ name }) => posix.normalize(name))])]
}

async function walk(folder: string, below: string, depth: number): Promise<string[]> {
  const entries = await readdir(join(folder, below), { withFileTypes: true })
  const isLayout = entries.some(({ name }) => name === 'oci-layout')
  if (isLayout && depth > 0) return []
  const each = entries.map(async (entry) => {
    const path = posix.join(below, entry.name)
    if (isLayout && entry.name === 'blobs') return []
    if (entry.name.startsWith('.')) return []
    if (entry.isFile()) return [path]
    return entry.isDirectory() && depth < DEEPEST ? walk(folder, path, depth + 1) : []
  })
  return (await Promise.all(each)).flat()
}

// What is found is mostly read again a moment later; this much of it stays in memory.
const ROOM = 32 * 1024 * 1024

interface Reading {
  readonly room: ByteBudget
  /** The name of the file that lists the others. */
  readonly sums: string
  readonly signal: AbortSignal
}

async function readArtifact(
  folder: string,
  path: string,
  { room, sums, signal }: Reading,
): Promise<Artifact | undefined> {
  const file = join(folder, path)
  // One that was named is what was meant, whatever it is called.
  const isSums = path === sums || basename(path) === CHECKSUMS
  const kind = isSums ? { kind: 'checksums' as const } : await kindOf(file)
  if (kind === undefined) return undefined
  const hashed = await hashFile(file, room, signal)
  const artifact = {
    kind: kind.kind,
    name: basename(path),
    path,
    digest: hashed.digest,
    size: hashed.size,
    ...(kind.platform === undefined ? {} : { platform: formatPlatform(kind.platform) }),
  }
  return withBytes(artifact, hashed)
}

interface Kind {
  readonly kind: Artifact['kind']
  readonly platform?: Platform | undefined
}

async function kindOf(file: string): Promise<Kind | undefined> {
  const start = await firstBytes(file)
  const platforms = peekPlatforms(start)
  if (platforms.length > 0) return { kind: 'binary', platform: platforms[0] }
  return isArchive(start) ? { kind: 'archive' } : undefined
}

// What is not read is not passed over in silence either.
const isArchive = (start: Uint8Array): boolean =>
  (start[0] === 0x1f && start[1] === 0x8b) || packedFormat(start) !== undefined

async function firstBytes(path: string): Promise<Uint8Array> {
  return readStart(path).catch((error: unknown) => {
    if (isWaybillError(error) || (error as NodeJS.ErrnoException).code === 'EACCES') throw error
    throw new WaybillError('ERR_FILE_MISSING', `${path} cannot be read`, {
      hint: 'SHA256SUMS lists it; put it beside, or leave its line out.',
      cause: error,
    })
  })
}
