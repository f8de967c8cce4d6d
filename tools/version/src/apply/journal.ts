import { rm } from 'node:fs/promises'
import {
  canonicalJson,
  digestOf,
  parseJson,
  removeTemporaries,
  writeFileAtomic,
  insideRepository,
  isWaybillError,
  readInside,
} from '@waybill/core'
import { editBytes } from './edits.ts'
import type { PlannedFile } from '../types.ts'
import type { ReadBytes } from '../workspace-files.ts'

/** Where the edits that are under way are written down; it is there only while they are. */
export const JOURNAL = '.waybill/journal/version.json'

interface Journal {
  readonly schemaVersion: 1
  readonly files: readonly PlannedFile[]
}

/** The edits a killed run left unfinished; none where there is no journal. */
export async function readJournal(root: string): Promise<readonly PlannedFile[]> {
  const bytes = await readInside(insideRepository, root, JOURNAL).catch((error: unknown) => {
    if (isWaybillError(error, 'ERR_FILE_MISSING')) return undefined
    throw error
  })
  return bytes === undefined ? [] : (parseJson(bytes, JOURNAL) as Journal).files
}

/** Writes the journal, synced: from here on the edits will be finished, by this run or the next. */
export async function writeJournal(root: string, files: readonly PlannedFile[]): Promise<void> {
  const journal: Journal = { schemaVersion: 1, files }
  await writeFileAtomic(await insideRepository(root, JOURNAL), `${canonicalJson(journal)}\n`)
}

export async function removeJournal(root: string): Promise<void> {
  const file = await insideRepository(root, JOURNAL)
  await rm(file, { force: true })
  await removeTemporaries(file)
}

/** Reads files as they will be once what a killed run began is finished. */
export async function readThroughJournal(root: string): Promise<(read: ReadBytes) => ReadBytes> {
  const files = new Map((await readJournal(root)).map((file) => [file.path, file]))
  return (read) => async (path) => {
    const bytes = await read(path)
    const file = files.get(path)
    const found = bytes === undefined ? null : digestOf(bytes)
    if (file === undefined || found !== file.before) return bytes
    return file.after === null ? undefined : editBytes(bytes ?? new Uint8Array(), file.edits, path)
  }
}
