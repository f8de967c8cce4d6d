import { readFile, rm, stat } from 'node:fs/promises'
import {
  asFileError,
  createContext,
  digestOf,
  inStep,
  messageOf,
  removeTemporaries,
  WaybillError,
  writeFileAtomic,
  type ContextOptions,
  findRoot,
  insideRepository,
} from '@waybill/core'
import { editBytes } from './edits.ts'
import type { PlannedFile, VersionPlan } from '../types.ts'
import { JOURNAL, readJournal, removeJournal, writeJournal } from './journal.ts'

/** What happened to each file of a plan. `unchanged`: it was so already. */
export interface AppliedFile {
  readonly path: string
  readonly outcome: 'applied' | 'unchanged'
}

interface Change {
  readonly file: PlannedFile
  readonly place: string
  readonly before: Uint8Array | undefined
  /** undefined: the file goes. */
  readonly after: Uint8Array | undefined
  readonly mode: number
}

/**
 * Brings a plan into the files: all of them or none. Every file is checked before the first is written; a failure puts
 * back what was written. The edits are written down before they are made, so that a run that is killed between two files is finished by the next call.
 * @throws {ERR_BLOCKED_PLAN} where an error is among its findings. {ERR_STALE_PLAN} where a file is neither as it was when planned nor as it shall be; then nothing is written.
 */
export async function applyVersions(
  plan: VersionPlan,
  options: ContextOptions = {},
): Promise<readonly AppliedFile[]> {
  assertSound(plan)
  const context = createContext(options)
  const root = await findRoot(context.cwd)
  return inStep(context.progress, 'Writing versions', async () => {
    await finishVersions(root)
    const changes = await prepare(plan.files, root)
    if (changes.length > 0) await begin(plan.files, changes, root)
    const applied = new Set(changes.map(({ file }) => file.path))
    return plan.files.map(({ path }) => ({
      path,
      outcome: applied.has(path) ? 'applied' : 'unchanged',
    }))
  })
}

function assertSound({ findings }: VersionPlan): void {
  const errors = findings.filter(({ level }) => level === 'error')
  if (errors.length === 0) return
  throw new WaybillError(
    'ERR_BLOCKED_PLAN',
    `The plan has errors, so nothing is written: ${errors.map(({ message }) => message).join('; ')}`,
    { hint: 'Mend them and plan again.', details: { findings: errors } },
  )
}

// What a killed run had begun is completed first: its journal says what each file shall be.
async function finishVersions(root: string): Promise<void> {
  const files = await readJournal(root)
  if (files.length === 0) return
  for (const change of await prepareRest(files, root)) await write(change, change.after)
  for (const { path } of files) await removeTemporaries(await insideRepository(root, path))
  await removeJournal(root)
}

async function prepareRest(
  files: readonly PlannedFile[],
  root: string,
): Promise<readonly Change[]> {
  try {
    return await prepare(files, root)
  } catch (error) {
    throw new WaybillError(
      'ERR_HALF_APPLIED',
      `A run that was ended before it was done left some version files written, and it can't be finished: ${messageOf(error)}`,
      {
        hint: `Put that file back as it was and run the same again, or put all of them back (git restore .) and remove ${JOURNAL}.`,
        outcome: 'partial',
        details: { journal: JOURNAL, files: files.map(({ path }) => path) },
        cause: error,
      },
    )
  }
}

async function begin(
  files: readonly PlannedFile[],
  changes: readonly Change[],
  root: string,
): Promise<void> {
  await writeJournal(root, files)
  const done: Change[] = []
  try {
    for (const change of changes) {
      await write(change, change.after)
      done.push(change)
    }
  } catch (error) {
    await putBack(done, error)
    await removeJournal(root)
    throw error
  }
  await removeJournal(root)
}

// Where even that fails, the journal stays and the next run goes forward.
async function putBack(done: readonly Change[], cause: unknown): Promise<void> {
  try {
    for (const change of done.toReversed()) await write(change, change.before)
  } catch (error) {
    throw new WaybillError(
      'ERR_HALF_APPLIED',
      `Some version files are written, some are not (${messageOf(cause)}), and putting them back failed: ${messageOf(error)}`,
      {
        hint: 'Mend the cause and run the same again: it finishes what was begun.',
        outcome: 'partial',
        cause,
      },
    )
  }
}

async function prepare(files: readonly PlannedFile[], root: string): Promise<readonly Change[]> {
  const changes = await Promise.all(files.map((file) => prepareOne(file, root)))
  return changes.filter((change) => change !== undefined)
}

async function prepareOne(file: PlannedFile, root: string): Promise<Change | undefined> {
  const place = await insideRepository(root, file.path)
  const before = await readOptional(place, file.path)
  const found = before === undefined ? null : digestOf(before)
  if (found === file.after) return undefined
  if (found !== file.before) throw stale(file, found)
  const after =
    file.after === null ? undefined : editBytes(before ?? new Uint8Array(), file.edits, file.path)
  if (after !== undefined && digestOf(after) !== file.after) throw stale(file, digestOf(after))
  const mode = before === undefined ? 0o644 : (await stat(place)).mode & 0o7777
  return { file, place, before, after, mode }
}

async function write({ place, mode }: Change, content: Uint8Array | undefined): Promise<void> {
  if (content !== undefined) return writeFileAtomic(place, content, { mode })
  await rm(place, { force: true }).catch((error: unknown) => {
    throw asFileError(error, place)
  })
}

async function readOptional(place: string, path: string): Promise<Uint8Array | undefined> {
  return readFile(place).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined
    throw asFileError(error, path)
  })
}

function stale(file: PlannedFile, found: string | null): WaybillError {
  return new WaybillError(
    'ERR_STALE_PLAN',
    `${file.path}: expected ${file.before ?? 'no file'}, found ${found ?? 'no file'}`,
    {
      hint: 'The file was changed after the plan was made; plan again. Nothing was written.',
      details: { path: file.path, expected: file.before, wanted: file.after, found },
    },
  )
}
