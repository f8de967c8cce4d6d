import { posix } from 'node:path'
import { collect, isWaybillError, type Artifact, type Finding } from '@waybill/core'
import { readArchive, type TarEntry } from '@waybill/archive'
import { candidatesOf, identifyFile, type Candidate, type IdentifiedFile } from '../judge.ts'
import { memberTwice, notCompared, unreadable } from './packed-findings.ts'
import { packedFormat } from './packed-format.ts'
import type { Released, ReleasedBytes } from './released.ts'

/** What was seen of an archive's members. */
interface Members {
  readonly files: Map<string, Omit<IdentifiedFile, 'start'> & Pick<TarEntry, 'mode'>>
  readonly links: Map<string, string>
  /** Those whose content cannot be compared, and why. */
  readonly odd: string[]
  readonly twice: Set<string>
}

/** Reads the executables of an archive, those that links lead to as well; undefined where it is not an archive from its very beginning on. */
export async function readPacked(
  artifact: Artifact,
  bytes: ReleasedBytes,
): Promise<Released | undefined> {
  const isWhole = bytes instanceof Uint8Array
  const members: Members = { files: new Map(), links: new Map(), odd: [], twice: new Set() }
  try {
    for await (const entry of readArchive(isWhole ? bytes : kept(bytes))) await see(entry, members)
  } catch (error) {
    if (!isWhole) await drain(bytes)
    if (!isWaybillError(error) || error.code === 'ERR_DIGEST_MISMATCH') throw error
    const isNone = error.code === 'ERR_INVALID_TAR' && error.details['offset'] === 0
    if (isNone || error.code === 'ERR_UNKNOWN_ARCHIVE') return undefined
    const { candidates } = ended(artifact, members)
    return { candidates, findings: [unreadable(artifact, error)] }
  }
  if (!isWhole) await drain(bytes)
  return ended(artifact, members)
}

async function see(entry: TarEntry, { files, links, odd, twice }: Members): Promise<void> {
  const path = clean(entry.path)
  if (entry.type === 'directory') return
  // Programs disagree on which of two members of one name is the file.
  if (files.has(path) || links.has(path)) twice.add(path)
  if (entry.type === 'file') {
    const { start, ...judged } = await identifyFile(entry.content)
    files.set(path, { ...judged, mode: entry.mode })
    const format = judged.platforms.length > 0 ? undefined : packedFormat(start)
    if (format !== undefined) odd.push(`${path} (${format})`)
  } else if (entry.type === 'symlink' || entry.type === 'hardlink') {
    links.set(path, await targetOf(entry, path))
  } else odd.push(`${path} (${entry.type})`)
}

const clean = (path: string): string => posix.normalize(path).replace(/^(?:\.?\/)+/, '')

const LONGEST = 4096

// A zip keeps a link's target as its content.
async function targetOf({ linkname, type, content }: TarEntry, path: string): Promise<string> {
  const target = linkname ?? String(await collect(content, LONGEST, path))
  if (type === 'hardlink') return clean(target)
  return target.startsWith('/') ? target : posix.normalize(posix.join(posix.dirname(path), target))
}

function ended(artifact: Artifact, { files, links, odd, twice }: Members): Released {
  const names = [...files.keys(), ...links.keys()]
  const candidates: Candidate[] = []
  const lost: string[] = []
  for (const path of names) {
    const found = files.get(follow(path, links))
    if (found === undefined) lost.push(`${path} (a link to ${links.get(path)})`)
    else candidates.push(...candidatesOf(found, commonOf(artifact, path, found)))
  }
  // A link to a folder of the archive brings no file of its own.
  const away = lost.filter((_, at) => !leadsToFolder(names, follow(lostPath(lost[at]!), links)))
  const left = [...odd, ...away]
  const findings: Finding[] = [...twice].map((path) => memberTwice(artifact, path))
  return {
    candidates,
    findings: left.length === 0 ? findings : [...findings, notCompared(artifact, left)],
  }
}

const lostPath = (text: string): string => text.slice(0, text.lastIndexOf(' (a link to '))

const leadsToFolder = (names: readonly string[], path: string): boolean =>
  path === '.' || names.some((name) => name.startsWith(`${path.replace(/\/$/, '')}/`))

// As many as Linux follows.
const MAX_LINKS = 40

function follow(path: string, links: ReadonlyMap<string, string>): string {
  let at = path
  for (let count = 0; count < MAX_LINKS; count++) {
    const next = links.get(at)
    if (next === undefined) return at
    at = next
  }
  return at
}

function commonOf(
  artifact: Artifact,
  path: string,
  { mode }: Pick<TarEntry, 'mode'>,
): Pick<Candidate, 'name' | 'label' | 'executable' | 'artifact'> {
  const label = `${artifact.path}!${path}`
  return { name: posix.basename(path), executable: (mode & 0o111) !== 0, label, artifact }
}

// The reader may let go early; the rest still counts for the digest.
async function* kept(
  bytes: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  for (let next = await bytes.next(); next.done !== true; next = await bytes.next())
    yield next.value
}

/** Reads what is left of a stream. */
export async function drain(bytes: AsyncIterator<Uint8Array>): Promise<void> {
  while ((await bytes.next()).done !== true);
}
