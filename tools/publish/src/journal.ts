import { open, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import {
  makeFolder,
  asFileError,
  isDiskFull,
  isNamedDigest,
  isWaybillError,
  messageOf,
  parseJson,
  planDigest,
  readFileUpTo,
  WaybillError,
  type NamedDigest,
  type PublishPlan,
} from '@waybill/core'

/** What a rolling name was before a plan moved it; null: it was absent. */
export interface PreviousName {
  readonly destination: string
  readonly name: string
  readonly digest: NamedDigest | null
}

/** What earlier runs of a plan wrote down, to add to. It holds nothing that a run needs to finish. */
export interface Journal {
  /** What a name was before any unfinished run of this plan; undefined: nothing is known. */
  previous(destination: string, name: string): NamedDigest | null | undefined
  /** Writes down, before they are moved, what names are now. */
  moving(names: readonly PreviousName[]): Promise<void>
  /** Writes down that everything stands, or was put back: what names were before is of no more interest. */
  settled(how: 'done' | 'restored'): Promise<void>
  close(): Promise<void>
}

type Entry =
  | { readonly event: 'moving'; readonly names: readonly PreviousName[] }
  | { readonly event: 'done' | 'restored' }

/** Opens the journal of a plan in a folder, `<folder>/<hex of the plan's digest>.ndjson`; without a folder it lasts as long as the run. */
export async function openJournal(folder: string | undefined, plan: PublishPlan): Promise<Journal> {
  if (folder === undefined) return journalOf(undefined, new Map(), '')
  const path = join(folder, `${planDigest(plan).split(':')[1]}.ndjson`)
  try {
    await makeFolder(folder)
    const text = await readText(path)
    const file = await open(path, 'a', 0o644)
    // A killed run may have left half a line; what comes after it must stand on lines of its own.
    if (text !== '' && !text.endsWith('\n')) await file.write('\n')
    return journalOf(file, replay(text), path)
  } catch (error) {
    throw unusable(error, path)
  }
}

function unusable(error: unknown, path: string): WaybillError {
  return new WaybillError(
    isDiskFull(error) ? 'ERR_DISK_FULL' : 'ERR_NOT_WRITABLE',
    `The journal ${path} cannot be written: ${messageOf(asFileError(error, path))}`,
    {
      hint: 'Give it a folder with room that this user may write to (--journal DIR), and run the same again.',
      details: { path },
      cause: error,
    },
  )
}

// A line for each step of each run; what is longer is no journal.
const LARGEST = 64 * 1024 * 1024

async function readText(path: string): Promise<string> {
  const bytes = await readFileUpTo(path, LARGEST).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return new Uint8Array(0)
    throw error
  })
  return Buffer.from(bytes).toString('utf8')
}

const keyOf = (destination: string, name: string): string => `${destination} ${name}`

function replay(text: string): Map<string, NamedDigest | null> {
  const known = new Map<string, NamedDigest | null>()
  for (const line of text.split('\n')) {
    const entry = readEntry(line)
    if (entry === undefined) continue
    if (entry !== 'not understood' && entry.event === 'moving') remember(known, entry.names)
    // After what is not understood nobody knows what the names were: they only go forward then.
    else known.clear()
  }
  return known
}

// The last word counts: only names that are not yet what they shall be are written down.
function remember(known: Map<string, NamedDigest | null>, names: readonly PreviousName[]): void {
  for (const { destination, name, digest } of names) known.set(keyOf(destination, name), digest)
}

// A line that a killed run left half written is no JSON, and nothing was moved after it.
function readEntry(line: string): Entry | 'not understood' | undefined {
  const read = parsed(line)
  if (read === undefined) return undefined
  const { event, names, ...more } = (read.value ?? {}) as Readonly<Record<string, unknown>>
  if (Object.keys(more).length > 0) return 'not understood'
  if (event === 'moving' && Array.isArray(names) && names.every(isPrevious)) return { event, names }
  return (event === 'done' || event === 'restored') && names === undefined
    ? { event }
    : 'not understood'
}

function parsed(line: string): { readonly value: unknown } | undefined {
  try {
    return { value: parseJson(line, 'a line of the journal') }
  } catch (error) {
    return isWaybillError(error, 'ERR_AMBIGUOUS_JSON') ? { value: undefined } : undefined
  }
}

function isPrevious(value: unknown): value is PreviousName {
  const { destination, name, digest, ...more } = (value ?? {}) as Readonly<Record<string, unknown>>
  const known = digest === null || isNamedDigest(digest)
  const whole = typeof destination === 'string' && typeof name === 'string' && known
  return whole && Object.keys(more).length === 0
}

function journalOf(
  file: FileHandle | undefined,
  known: Map<string, NamedDigest | null>,
  path: string,
): Journal {
  const append = async (entry: Entry): Promise<void> => {
    try {
      await file?.appendFile(`${JSON.stringify(entry)}\n`)
      await file?.sync()
    } catch (error) {
      throw asFileError(error, path)
    }
  }
  return {
    previous: (destination, name) => known.get(keyOf(destination, name)),
    async moving(names) {
      await append({ event: 'moving', names })
      remember(known, names)
    },
    async settled(how) {
      if (known.size === 0) return
      await append({ event: how })
      known.clear()
    },
    close: async () => file?.close(),
  }
}
