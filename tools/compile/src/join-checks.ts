import { readdir, stat } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import {
  WaybillError,
  canonicalJson,
  compareText,
  type Artifact,
  type MatrixCell,
  type Release,
} from '@waybill/core'
import { BUILD_RECORD, type BuildRecord } from './build-record.ts'

/** What one cell left behind. */
export interface CellPart {
  readonly folder: string
  readonly record: BuildRecord
}

/**
 * Compares what a part says of itself with the plan: whole releases, and a binary of a cell of the matrix in each artifact.
 * @throws {ERR_CELL_FOREIGN} naming both.
 */
export function checkPart(
  { folder, record }: CellPart,
  {
    releases,
    matrix,
  }: { readonly releases: readonly Release[]; readonly matrix: readonly MatrixCell[] },
): void {
  if (record.releases.length === 0) throw foreign(`${folder} is of no release`, { part: folder })
  for (const found of record.releases) checkRelease(folder, found, releases)
  for (const artifact of record.artifacts) {
    const { path, component, kind, platform } = artifact
    if (!record.releases.some((one) => one.component === component))
      throw foreign(
        `${folder} holds ${path} of ${component ?? 'no component'}, which is not of its releases`,
        { part: folder },
      )
    if (matrix.some((cell) => isOf(artifact, cell))) continue
    throw foreign(
      `${folder} holds ${path}, a ${kind} for ${platform ?? 'no platform'}, which no cell of the plan makes`,
      { part: folder, found: artifact, expected: matrix.map(({ id }) => id) },
    )
  }
}

function checkRelease(folder: string, found: Release, releases: readonly Release[]): void {
  const wanted = releases.find(({ component }) => component === found.component)
  if (wanted !== undefined && canonicalJson(wanted) === canonicalJson(found)) return
  const is = `${found.component} ${found.version} of commit ${found.commit}`
  const expected =
    wanted === undefined ? 'no such component' : `${wanted.version} of commit ${wanted.commit}`
  const own = Object.entries(found).find(
    ([key, value]) => wanted !== undefined && wanted[key as keyof Release] !== value,
  )
  const differs =
    own === undefined || ['version', 'commit'].includes(own[0]) ? '' : ` (${own[0]} differs)`
  throw foreign(`${folder} holds ${is}; the plan has ${expected}${differs}`, {
    part: folder,
    found,
    expected: wanted,
  })
}

/** Checks that no two parts bring one file. @throws {ERR_CELL_TWICE} naming both. */
export function checkOnce(parts: readonly CellPart[]): void {
  const brought = new Map<string, string>()
  for (const { folder, record } of parts)
    for (const { path } of record.artifacts) {
      const before = brought.get(path)
      if (before !== undefined)
        throw new WaybillError('ERR_CELL_TWICE', `${path} is in ${before} and in ${folder}`, {
          hint: 'Keep one part for each cell; where cells are built in one folder, empty it before each.',
          details: { path, parts: [before, folder] },
        })
      brought.set(path, folder)
    }
}

/** Checks that a part holds what its record lists, each file in its size, and nothing else. @throws {ERR_CELL_FOREIGN} {ERR_DIGEST_MISMATCH} */
export async function checkFiles({ folder, record }: CellPart): Promise<void> {
  const listed = new Set([BUILD_RECORD, ...record.artifacts.map(({ path }) => path)])
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const paths = entries
    .filter((entry) => !entry.isDirectory())
    .map(({ parentPath, name }) => relative(folder, join(parentPath, name)).split(sep).join('/'))
  const extra = paths.toSorted(compareText).find((path) => !listed.has(path))
  if (extra !== undefined)
    throw foreign(`${folder} holds ${extra}, which its ${BUILD_RECORD} does not list`, {
      part: folder,
      extra,
    })
  for (const { path, size, digest } of record.artifacts) {
    const file = join(folder, path)
    const found = (await stat(file)).size
    if (found !== size)
      throw new WaybillError(
        'ERR_DIGEST_MISMATCH',
        `${file}: expected ${size} bytes of ${digest}, found ${found} bytes`,
        {
          hint: 'Upload the whole output folder of a cell and change nothing in it.',
          details: { file, expected: size, found },
        },
      )
  }
}

/** The error for something that does not belong to what is joined. */
export function foreign(message: string, details: Readonly<Record<string, unknown>>): WaybillError {
  return new WaybillError('ERR_CELL_FOREIGN', message, {
    hint: 'Build every cell at the commit that is released, with its definition unchanged, and join its output folders alone.',
    details,
  })
}

/** Whether an artifact is what a cell makes. */
export function isOf(artifact: Artifact, { component, binary, platform }: MatrixCell): boolean {
  return (
    artifact.kind === 'binary' &&
    artifact.component === component &&
    artifact.platform === platform &&
    [binary, `${binary}.exe`].includes(artifact.name)
  )
}
