import { digestOf, WaybillError } from '@waybill/core'
import type { PlannedEdit, PlannedFile } from '../types.ts'

/**
 * Puts edits into a file's bytes; every other byte stays.
 * @throws {ERR_STALE_PLAN} where what an edit replaces does not stand there, or two edits overlap.
 */
export function editBytes(
  bytes: Uint8Array,
  edits: readonly PlannedEdit[],
  path: string,
): Uint8Array {
  const parts: Uint8Array[] = []
  let done = 0
  for (const edit of edits.toSorted((a, b) => a.offset - b.offset)) {
    const from = Buffer.from(edit.from, 'utf8')
    const end = edit.offset + from.byteLength
    const found = bytes.subarray(edit.offset, end)
    if (edit.offset < done || Buffer.compare(found, from) !== 0) throw stale(path, edit, found)
    parts.push(bytes.subarray(done, edit.offset), Buffer.from(edit.to, 'utf8'))
    done = end
  }
  return Buffer.concat([...parts, bytes.subarray(done)])
}

/** Plans the edit of one file; undefined where nothing changes. */
export function planFile(
  path: string,
  before: Uint8Array | undefined,
  edits: readonly PlannedEdit[],
): PlannedFile | undefined {
  const changes = mergeEdits(path, edits)
  if (changes.length === 0) return undefined
  const after = editBytes(before ?? new Uint8Array(), changes, path)
  return {
    path,
    action: before === undefined ? 'create' : 'edit',
    before: before === undefined ? null : digestOf(before),
    after: digestOf(after),
    edits: changes,
  }
}

/** Plans that a file goes; undefined where there is none. */
export function planRemoval(path: string, before: Uint8Array | undefined): PlannedFile | undefined {
  if (before === undefined) return undefined
  return { path, action: 'remove', before: digestOf(before), after: null, edits: [] }
}

// The same place may be wanted twice (two components, one file), but never with two outcomes.
function mergeEdits(path: string, edits: readonly PlannedEdit[]): readonly PlannedEdit[] {
  const merged = new Map<number, PlannedEdit>()
  for (const edit of edits) {
    const other = merged.get(edit.offset)
    if (other !== undefined && other.to !== edit.to) throw conflict(path, other, edit)
    merged.set(edit.offset, edit)
  }
  return [...merged.values()]
    .filter((edit) => edit.from !== edit.to)
    .toSorted((a, b) => a.offset - b.offset)
}

function conflict(path: string, a: PlannedEdit, b: PlannedEdit): WaybillError {
  return new WaybillError(
    'ERR_VERSION_CONFLICT',
    `${path}: ${a.at} should become ${a.to} and ${b.to} at once`,
    {
      hint: 'Two components share this place: put them into one fixed group, or let only one of them name it.',
      details: { path, at: a.at, wanted: [a.to, b.to] },
    },
  )
}

function stale(path: string, edit: PlannedEdit, found: Uint8Array): WaybillError {
  const text = Buffer.from(found).toString('utf8').slice(0, 120)
  return new WaybillError(
    'ERR_STALE_PLAN',
    `${path}: expected "${edit.from}" at ${edit.at}, found "${text}"`,
    {
      hint: 'The file was changed after the plan was made; plan again.',
      details: { path, at: edit.at, expected: edit.from, found: text },
    },
  )
}
