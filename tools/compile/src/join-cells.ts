import { readdir } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import {
  WaybillError,
  compareText,
  createContext,
  findRoot,
  insideFolder,
  isWaybillError,
  namedPlace,
  openInside,
  streamInside,
  verified,
  writeFileAtomic,
  type Artifact,
  type ContextOptions,
  type Digest,
  type MatrixCell,
  type Release,
} from '@waybill/core'
import { BUILD_RECORD, readBuildRecord } from './build-record.ts'
import { checkFiles, checkOnce, checkPart, foreign, isOf, type CellPart } from './join-checks.ts'
import { digestOfFile } from './source-digest.ts'

export interface JoinOptions extends ContextOptions {
  /** The releases that the parts must belong to, at the same commit and version. */
  readonly releases: readonly Release[]
  /** The digest of the definition that every part must have been built by. */
  readonly definition: Digest
  /** The cells of the plan: every required one must be there. */
  readonly matrix: readonly MatrixCell[]
}

/** A file of a part. */
interface Piece {
  readonly artifact: Artifact
  readonly part: string
}

/**
 * Collects the parts that the cells of a matrix built, one folder each below `folder`, into the output folder: every required one must be there, of the
 * same commit, version and definition, with the digest it was built with, once, and nothing else beside it. Nothing is written before all of this holds. Executable bits, which artifact
 * stores lose, are restored.
 * @throws {ERR_CELL_MISSING} {ERR_CELL_FOREIGN} {ERR_CELL_TWICE} {ERR_DIGEST_MISMATCH} {ERR_INVALID_RECORD} {ERR_OUTSIDE_REPOSITORY} for a link that leads out of a part, {ERR_NOT_READABLE} where `folder` is none.
 */
export async function joinCells(
  folder: string,
  options: JoinOptions,
): Promise<readonly Artifact[]> {
  const context = createContext(options)
  await namedPlace(await findRoot(context.cwd), context.out)
  const parts = await readParts(resolve(context.cwd, folder))
  for (const part of parts) {
    checkDefinition(part, options.definition)
    checkPart(part, options)
  }
  const pieces = uniquePieces(parts)
  checkOnce(parts)
  checkComplete(pieces, options.matrix)
  for (const piece of pieces) await checkPiece(piece)
  for (const part of parts) await checkFiles(part)
  for (const piece of pieces) await take(piece, context.out)
  return pieces.map(({ artifact }) => artifact)
}

async function readParts(folder: string): Promise<CellPart[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
    // Where no cell has left anything, nothing was brought here: the plan says whether that is enough.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw noFolder(folder, error)
  })
  const link = entries.find((entry) => entry.isSymbolicLink())
  // Left out it would be a part that nobody misses where it is optional.
  if (link !== undefined) throw linkAsPart(join(folder, link.name))
  const file = entries.find((entry) => !entry.isDirectory() && !entry.name.startsWith('.'))
  if (file !== undefined) throw notAPart(join(folder, file.name), 'is not the folder of a cell')
  const names = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name)
  const parts = await Promise.all(
    names.toSorted(compareText).map((name) => readPart(join(folder, name))),
  )
  return parts.flat()
}

// An empty folder is a cell that left nothing; one that holds something has to say what.
async function readPart(folder: string): Promise<readonly CellPart[]> {
  const record = await readBuildRecord(folder)
  if (record !== undefined) return [{ folder, record }]
  if ((await readdir(folder)).length === 0) return []
  throw notAPart(folder, `has no ${BUILD_RECORD}`)
}

const notAPart = (path: string, why: string): WaybillError =>
  foreign(`${path} ${why}`, { part: path })

function linkAsPart(part: string): WaybillError {
  return new WaybillError(
    'ERR_OUTSIDE_REPOSITORY',
    `${part} is a link: expected the folder of a cell`,
    {
      hint: 'Put the folder itself there.',
      outcome: 'usage',
      details: { part },
    },
  )
}

function noFolder(folder: string, cause: unknown): WaybillError {
  return new WaybillError('ERR_NOT_READABLE', `${folder} is no folder that can be read`, {
    hint: 'Name the folder that holds what the cells built, a folder each.',
    outcome: 'usage',
    details: { folder },
    cause,
  })
}

function checkDefinition({ folder, record }: CellPart, definition: Digest): void {
  if (record.definition === definition) return
  throw foreign(
    `${folder} was built by the definition ${record.definition}; the plan's is ${definition}`,
    { part: folder, found: record.definition, expected: definition },
  )
}

/** One piece a path, in their order. */
function uniquePieces(parts: readonly CellPart[]): readonly Piece[] {
  const pieces = new Map<string, Piece>()
  for (const { folder, record } of parts) {
    for (const artifact of record.artifacts) {
      const before = pieces.get(artifact.path)
      if (before !== undefined && before.artifact.digest !== artifact.digest)
        throw twoFiles(before, { artifact, part: folder })
      pieces.set(artifact.path, before ?? { artifact, part: folder })
    }
  }
  return [...pieces.values()].toSorted((a, b) => compareText(a.artifact.path, b.artifact.path))
}

function twoFiles(one: Piece, other: Piece): WaybillError {
  const say = ({ part, artifact }: Piece): string => `${artifact.digest} in ${part}`
  return new WaybillError(
    'ERR_DIGEST_MISMATCH',
    `Two parts hold a different ${one.artifact.path}: ${say(one)}, ${say(other)}`,
    { hint: 'Keep the part that was built for this release, and remove the other.' },
  )
}

async function checkPiece({ artifact, part }: Piece): Promise<void> {
  const from = join(part, artifact.path)
  // A link that leads out of the part is told; whatever else cannot be read is not the file that was built.
  const found = await digestIn(part, artifact.path).catch((error: unknown) => {
    if (isWaybillError(error, 'ERR_OUTSIDE_REPOSITORY')) throw error
    return undefined
  })
  if (found === artifact.digest) return
  throw new WaybillError(
    'ERR_DIGEST_MISMATCH',
    `${from}: expected ${artifact.digest}, found ${found ?? 'no such file'}`,
    { hint: 'Upload the whole output folder of a cell and change nothing in it.' },
  )
}

async function digestIn(part: string, path: string): Promise<Digest> {
  await (await openInside(insideFolder, part, path)).close()
  return digestOfFile(await insideFolder(part, path))
}

async function take({ artifact, part }: Piece, out: string): Promise<void> {
  const mode = artifact.kind === 'binary' ? 0o755 : 0o644
  const { path } = artifact
  // What was checked may have been replaced since: the bytes that are written are hashed.
  const content = verified(artifact, streamInside(insideFolder, part, path), join(part, path))
  const folder = await insideFolder(out, dirname(path))
  await writeFileAtomic(join(folder, basename(path)), content, { mode })
}

function checkComplete(pieces: readonly Piece[], matrix: readonly MatrixCell[]): void {
  const missing = matrix.filter(
    (cell) => cell.required && !pieces.some(({ artifact }) => isOf(artifact, cell)),
  )
  if (missing.length === 0) return
  throw new WaybillError(
    'ERR_CELL_MISSING',
    `Required parts are missing: ${missing.map(({ id }) => id).join(', ')}`,
    { hint: 'Run these cells (`waybill build --cell ID`) and join again.', details: { missing } },
  )
}
