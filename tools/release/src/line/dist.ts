import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  WaybillError,
  canonicalJson,
  compareText,
  createContext,
  createGit,
  digestFile,
  digestMismatch,
  digestOf,
  digestOfJson,
  insideFolder,
  openCache,
  writeFileAtomic,
  type Artifact,
  type CacheQuestion,
  type ContextOptions,
} from '@waybill/core'
import { BUILD_RECORD, readBuildRecord, type BuildRecord } from '@waybill/compile'
import type { Definition } from '../definition/types.ts'

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

const questionOf = (text: string | Uint8Array): CacheQuestion => ({
  kind: 'dist',
  recipe: 1,
  inputs: [digestOf(text)],
})

/** Writes what a folder holds; a file that says the same already is left untouched. That it was written here is remembered in this user's cache. */
export async function writeDist(
  out: string,
  dist: BuildRecord,
  options: ContextOptions = {},
): Promise<void> {
  const artifacts = dist.artifacts.toSorted((a, b) => compareText(a.path, b.path))
  const text = `${canonicalJson({ ...dist, artifacts })}\n`
  await insideFolder(out, BUILD_RECORD)
  const before = await readFile(join(out, BUILD_RECORD), 'utf8').catch(() => undefined)
  if (before !== text) await writeFileAtomic(join(out, BUILD_RECORD), text)
  await (await openCache(undefined, options))?.remember(questionOf(text), true)
}

/** Whether the record of a folder was written by this user, here or where the same key is; true too where there is no cache to remember it. */
export async function isOwnDist(out: string, options: ContextOptions = {}): Promise<boolean> {
  const cache = await openCache(undefined, options)
  const text = await readFile(join(out, BUILD_RECORD)).catch(() => '')
  return cache === undefined || (await cache.recall(questionOf(text))) === true
}

/**
 * Checks that what a folder holds was built of this commit and by this definition.
 * @throws {ERR_FOREIGN_BUILD} naming what differs.
 */
export async function assertOwnDist(
  { definition, releases }: BuildRecord,
  wanted: Definition,
  options: ContextOptions = {},
): Promise<void> {
  const context = createContext(options)
  const { out, logger } = context
  const digest = digestOfJson(wanted)
  if (definition !== digest) throw foreign(out, `the definition ${definition}`, digest)
  const head = (await createGit(context).text(['rev-parse', 'HEAD'])).trim()
  const other = releases.find(({ commit }) => commit !== head)
  if (other !== undefined) throw foreign(out, `the commit ${other.commit}`, head)
  if (await isOwnDist(out, options)) return
  logger.warn(
    `${join(out, BUILD_RECORD)} was not written by this user's Waybill on this machine: its files are held to the digests it names, and nothing says who built them`,
  )
}

const foreign = (out: string, found: string, expected: string): WaybillError =>
  new WaybillError('ERR_FOREIGN_BUILD', `${out} was built by ${found}; expected ${expected}`, {
    hint: 'Run `waybill build` again, at the commit that is checked out and with its definition.',
    details: { out, found, expected },
  })

/** Checks that files of a folder are those its record names. @throws {ERR_DIGEST_MISMATCH} */
export async function assertFiles(out: string, artifacts: readonly Artifact[]): Promise<void> {
  for (const { path, digest } of artifacts) {
    const file = join(out, path)
    const found = await digestFile(file).catch(() => undefined)
    if (found?.digest !== digest)
      throw digestMismatch(file, digest, found?.digest ?? 'no such file')
  }
}

/** Adds artifacts to those of a folder, replacing those of the same path. */
export function mergeArtifacts(
  before: readonly Artifact[],
  added: readonly Artifact[],
): Artifact[] {
  const paths = new Set(added.map((artifact) => artifact.path))
  return [...before.filter((artifact) => !paths.has(artifact.path)), ...added]
}
