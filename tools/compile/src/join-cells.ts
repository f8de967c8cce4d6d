import { chmod, copyFile, mkdir, readFile, readdir } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import {
  WaybillError,
  compareText,
  createContext,
  parseJson,
  type Artifact,
  type ContextOptions,
  type MatrixCell,
  type Release,
} from '@waybill/core'
import { digestOfFile } from './source-digest.ts'

/** What a cell left in its folder: `waybill.json`. */
export interface CellRecord {
  readonly schemaVersion: 1
  readonly releases: readonly Release[]
  readonly artifacts: readonly Artifact[]
}

export interface JoinOptions extends ContextOptions {
  /** The releases that the parts must belong to, at the same commit and version. */
  readonly releases: readonly Release[]
  /** The cells of the plan: every required one must be there. */
  readonly matrix: readonly MatrixCell[]
}

/**
 * Collects the parts that the cells of a matrix built, one folder each below `folder`, into the output folder: every required one must be there, of the
 * same commit and version, with the digest it was built with. Executable bits, which artifact stores lose, are restored.
 * @throws {ERR_CELL_MISSING} {ERR_CELL_FOREIGN} {ERR_DIGEST_MISMATCH}
 */
export async function joinCells(
  folder: string,
  options: JoinOptions,
): Promise<readonly Artifact[]> {
  const context = createContext(options)
  const artifacts: Artifact[] = []
  for (const part of await findParts(resolve(context.cwd, folder))) {
    const record = await readRecord(part)
    checkReleases(record, options.releases, part)
    for (const artifact of record.artifacts) {
      await take(artifact, part, context.out)
      artifacts.push(artifact)
    }
  }
  checkComplete(artifacts, options.matrix)
  const unique = new Map(artifacts.map((artifact) => [artifact.path, artifact]))
  return [...unique.values()].toSorted((a, b) => compareText(a.path, b.path))
}

async function findParts(folder: string): Promise<string[]> {
  // Where no cell has left anything, nothing was brought here: the plan says whether that is enough.
  const entries = await readdir(folder, { withFileTypes: true }).catch(nothingThere)
  const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name)
  const below = await Promise.all(
    folders.map((name) =>
      readFile(join(folder, name, 'waybill.json')).then(
        () => [name],
        () => [],
      ),
    ),
  )
  return below
    .flat()
    .toSorted(compareText)
    .map((name) => join(folder, name))
}

function nothingThere(error: NodeJS.ErrnoException): [] {
  if (error.code === 'ENOENT') return []
  throw error
}

async function readRecord(part: string): Promise<CellRecord> {
  const file = join(part, 'waybill.json')
  return parseJson(await readFile(file), file) as CellRecord
}

function checkReleases(record: CellRecord, releases: readonly Release[], part: string): void {
  for (const found of record.releases) {
    const wanted = releases.find(({ component }) => component === found.component)
    if (wanted?.commit === found.commit && wanted.version === found.version) continue
    const is = `${found.component} ${found.version} of commit ${found.commit}`
    const expected =
      wanted === undefined ? 'no such component' : `${wanted.version} of commit ${wanted.commit}`
    throw new WaybillError('ERR_CELL_FOREIGN', `${part} holds ${is}; the plan has ${expected}`, {
      hint: 'Build every cell at the commit that is released.',
      details: { part, found, wanted },
    })
  }
}

async function take(artifact: Artifact, part: string, out: string): Promise<void> {
  const from = join(part, artifact.path)
  const found = await digestOfFile(from).catch(() => undefined)
  if (found !== artifact.digest) {
    throw new WaybillError(
      'ERR_DIGEST_MISMATCH',
      `${from}: expected ${artifact.digest}, found ${found ?? 'no such file'}`,
      { hint: 'Upload the whole output folder of a cell and change nothing in it.' },
    )
  }
  const to = join(out, artifact.path)
  await mkdir(dirname(to), { recursive: true })
  await copyFile(from, to)
  await chmod(to, artifact.kind === 'binary' ? 0o755 : 0o644)
}

function checkComplete(artifacts: readonly Artifact[], matrix: readonly MatrixCell[]): void {
  const missing = matrix.filter(
    ({ required, component, platform }) =>
      required &&
      !artifacts.some((one) => one.component === component && one.platform === platform),
  )
  if (missing.length === 0) return
  throw new WaybillError(
    'ERR_CELL_MISSING',
    `Required parts are missing: ${missing.map(({ id }) => id).join(', ')}`,
    { hint: 'Run these cells (`waybill build --cell ID`) and join again.', details: { missing } },
  )
}
