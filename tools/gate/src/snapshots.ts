import type { HistoryGit } from './git.ts'

/** Files as they were at commits, read in few calls of git. */
export interface Snapshots {
  /** Reads these paths at these commits; what is not there is left out. */
  load(commits: readonly string[], paths: readonly string[]): Promise<void>
  /** Reads files by `commit:path`. */
  loadNames(names: readonly string[]): Promise<void>
  /** A loaded file's text; null where it did not exist. */
  text(commit: string, path: string): string | null
}

export function createSnapshots(git: HistoryGit): Snapshots {
  const blobs = new Map<string, string | null>()
  const texts = new Map<string, string>()
  const loadNames = async (names: readonly string[]): Promise<void> => {
    const open = [...new Set(names)].filter((name) => !blobs.has(name) && !name.includes('\n'))
    if (open.length === 0) return
    const found = await lookUp(git, open)
    for (const [at, name] of open.entries()) blobs.set(name, found[at] ?? null)
    const missing = new Set(found.filter((blob) => blob !== null && !texts.has(blob)) as string[])
    for (const [blob, text] of await readBlobs(git, [...missing])) texts.set(blob, text)
  }
  return {
    loadNames,
    load: (commits, paths) =>
      loadNames(commits.flatMap((commit) => paths.map((path) => `${commit}:${path}`))),
    text(commit, path) {
      const blob = blobs.get(`${commit}:${path}`)
      return blob === undefined || blob === null ? null : (texts.get(blob) ?? null)
    },
  }
}

async function lookUp(git: HistoryGit, names: readonly string[]): Promise<(string | null)[]> {
  const args = ['cat-file', '--batch-check=%(objectname) %(objecttype)']
  const lines = (await git.text(args, `${names.join('\n')}\n`)).trimEnd().split('\n')
  return lines.map((line) => /^([0-9a-f]{40,64}) blob$/.exec(line)?.[1] ?? null)
}

/** Reads blobs by object name. */
export async function readBlobs(
  git: HistoryGit,
  blobs: readonly string[],
): Promise<[string, string][]> {
  if (blobs.length === 0) return []
  const chunks: Uint8Array[] = []
  const take = (chunk: Uint8Array): void => void chunks.push(chunk)
  await git.stream(['cat-file', '--batch'], take, `${blobs.join('\n')}\n`)
  return splitBatch(Buffer.concat(chunks))
}

// Each object is `<name> <type> <size>`, a line feed, the bytes, a line feed.
function splitBatch(bytes: Buffer): [string, string][] {
  const found: [string, string][] = []
  let at = 0
  while (at < bytes.length) {
    const end = bytes.indexOf(10, at)
    const [name = '', , size] = bytes.toString('latin1', at, end).split(' ')
    const length = Number(size ?? 0)
    if (size !== undefined) found.push([name, bytes.toString('utf8', end + 1, end + 1 + length)])
    at = size === undefined ? end + 1 : end + 2 + length
  }
  return found
}
