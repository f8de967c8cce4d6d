import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  WaybillError,
  canonicalJson,
  compareText,
  parseJson,
  writeFileAtomic,
  type Artifact,
  type Release,
} from '@waybill/core'

/** What `dist/waybill.json` says: whose release lies in the folder and which files it has. Commands hand over through it. */
export interface Dist {
  readonly schemaVersion: 1
  readonly releases: readonly Release[]
  /** Paths relative to the folder. */
  readonly artifacts: readonly Artifact[]
}

const NAME = 'waybill.json'

/**
 * Reads what a build left in a folder.
 * @throws {ERR_NOTHING_BUILT} where there is none.
 */
export async function readDist(out: string): Promise<Dist> {
  const text = await readFile(join(out, NAME), 'utf8').catch(() => undefined)
  if (text !== undefined) return parseJson(text, join(out, NAME)) as Dist
  throw new WaybillError('ERR_NOTHING_BUILT', `${join(out, NAME)} is not there`, {
    hint: 'Run `waybill build` first, with the same --out.',
  })
}

/** Writes what a folder holds; a file that says the same already is left untouched. */
export async function writeDist(out: string, dist: Dist): Promise<void> {
  const text = `${canonicalJson({ ...dist, artifacts: dist.artifacts.toSorted((a, b) => compareText(a.path, b.path)) })}\n`
  const before = await readFile(join(out, NAME), 'utf8').catch(() => undefined)
  if (before !== text) await writeFileAtomic(join(out, NAME), text)
}

/** Adds artifacts to those of a folder, replacing those of the same path. */
export function mergeArtifacts(
  before: readonly Artifact[],
  added: readonly Artifact[],
): Artifact[] {
  const paths = new Set(added.map((artifact) => artifact.path))
  return [...before.filter((artifact) => !paths.has(artifact.path)), ...added]
}
