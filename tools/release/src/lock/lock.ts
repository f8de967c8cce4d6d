import { readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import {
  canonicalJson,
  findRepository,
  freeKeys,
  knows,
  namedPlace,
  parseJson,
  readFileWhole,
  WaybillError,
  writeFileAtomic,
  type Digest,
  type JsonShape,
} from '@waybill/core'
import type { DebianLock } from '@waybill/debian'

/** What is pinned, so that the same commit gives the same digests tomorrow. */
export interface Lock {
  readonly schemaVersion: 1
  /** Base images, by the reference a definition names. */
  readonly bases: Readonly<Record<string, { readonly digest: Digest }>>
  /** Bases made from Debian packages, by `recipe-debianNN`. */
  readonly packages: Readonly<Record<string, DebianLock>>
  /** Versions of tools, by name. */
  readonly tools: Readonly<Record<string, string>>
}

/** Pins nothing. */
export const emptyLock: Lock = { schemaVersion: 1, bases: {}, packages: {}, tools: {} }

const PIN: JsonShape = knows(['version', 'filename', 'size', 'sha256'])

const LOCK: JsonShape = knows(['schemaVersion'], {
  bases: freeKeys(knows(['digest'])),
  packages: freeKeys(
    knows(['schemaVersion', 'suite', 'released', 'unauthenticated'], {
      packages: freeKeys(freeKeys(PIN)),
    }),
  ),
  tools: freeKeys(),
})

/**
 * Reads a lock file; one that is not there pins nothing.
 * @throws {ERR_INVALID_LOCK} {ERR_INVALID_JSON} {ERR_AMBIGUOUS_JSON}
 */
export async function readLock(file: string): Promise<Lock> {
  const text = await readFileWhole(await ownFile(file)).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (text === undefined) return emptyLock
  const lock = parseJson(text, file, LOCK) as Partial<Lock> | null
  if (lock?.schemaVersion === 1) return { ...emptyLock, ...lock }
  throw new WaybillError(
    'ERR_INVALID_LOCK',
    `${file}: expected schemaVersion 1, found ${JSON.stringify(lock?.schemaVersion)}`,
    {
      outcome: 'usage',
      hint: 'Write it anew with `waybill lock`.',
    },
  )
}

/** Writes a lock file, readable in a review; one that says the same already is left untouched. */
export async function writeLock(file: string, lock: Lock): Promise<void> {
  const text = `${JSON.stringify(JSON.parse(canonicalJson(lock)), null, 2)}\n`
  const before = await readFile(file, 'utf8').catch(() => undefined)
  if (before !== text) await writeFileAtomic(await ownFile(file), text)
}

// A lock of the repository is in it; one elsewhere is the caller's choice.
async function ownFile(file: string): Promise<string> {
  const root = await findRepository(dirname(file))
  return root === undefined ? file : namedPlace(root, file)
}
