import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  WaybillError,
  canonicalJson,
  compareText,
  insideFolder,
  writeFileAtomic,
  type Artifact,
} from '@waybill/core'
import { BUILD_RECORD, readBuildRecord, type BuildRecord } from '@waybill/compile'

/**
 * Reads what a build left in a folder.
 * @throws {ERR_NOTHING_BUILT} where there is none, {ERR_INVALID_RECORD} {ERR_INVALID_JSON} where it was changed.
 */
export async function readDist(out: string): Promise<BuildRecord> {
  await insideFolder(out, BUILD_RECORD)
  const found = await readBuildRecord(out)
  if (found !== undefined) return found
  throw new WaybillError('ERR_NOTHING_BUILT', `${join(out, BUILD_RECORD)} is not there`, {
    hint: 'Run `waybill build` first, with the same --out.',
  })
}

/** Writes what a folder holds; a file that says the same already is left untouched. */
export async function writeDist(out: string, dist: BuildRecord): Promise<void> {
  const artifacts = dist.artifacts.toSorted((a, b) => compareText(a.path, b.path))
  const text = `${canonicalJson({ ...dist, artifacts })}\n`
  await insideFolder(out, BUILD_RECORD)
  const before = await readFile(join(out, BUILD_RECORD), 'utf8').catch(() => undefined)
  if (before !== text) await writeFileAtomic(join(out, BUILD_RECORD), text)
}

/** Adds artifacts to those of a folder, replacing those of the same path. */
export function mergeArtifacts(
  before: readonly Artifact[],
  added: readonly Artifact[],
): Artifact[] {
  const paths = new Set(added.map((artifact) => artifact.path))
  return [...before.filter((artifact) => !paths.has(artifact.path)), ...added]
}
